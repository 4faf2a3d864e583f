package enrich

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

//go:embed data/crawlers.txt.gz
var crawlersGzip []byte

//go:embed data/referrers.txt.gz
var referrersGzip []byte

//go:embed data/words.txt
var wordsText string

// Lists is what is known of the web's bots and places. It is safe for concurrent use and does not
// change.
type Lists struct {
	crawlers crawlers
	words    wordList
	tools    finder // of attackTools
	places   map[string]*place
	names    map[string]*place // by name in lower case, for utm_source
}

// OpenLists unpacks the embedded lists, which takes a few milliseconds.
func OpenLists() (*Lists, error) {
	l := &Lists{places: map[string]*place{}, names: map[string]*place{}}
	rows, err := table(crawlersGzip, 4)
	if err != nil {
		return nil, fmt.Errorf("list of crawlers: %w", err)
	}
	if err := l.crawlers.load(rows); err != nil {
		return nil, fmt.Errorf("list of crawlers: %w", err)
	}
	if rows, err = table(referrersGzip, 3); err != nil {
		return nil, fmt.Errorf("list of referrers: %w", err)
	}
	l.loadPlaces(rows)
	for _, tool := range attackTools {
		l.tools.add(tool)
	}
	if err := l.words.load(wordsText); err != nil {
		return nil, fmt.Errorf("list of bots' words: %w", err)
	}
	return l, nil
}

// table unpacks lines of columns with tabs between.
func table(packed []byte, columns int) ([][]string, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != columns {
			return nil, fmt.Errorf("line %d has %d columns, not %d", len(rows)+1, len(row), columns)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
