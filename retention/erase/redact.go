package erase

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// erased stands where a person's id was.
const erased = "(erased)"

// redact takes a user's id out of the reports that were written to the data folder.
func redact(data, value string) error {
	if data == "" || value == "" {
		return nil
	}
	root, err := os.OpenRoot(filepath.Join(data, "reports"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	r := newRedaction(value)
	return fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := root.ReadFile(path)
		if err != nil {
			return err
		}
		if without := r.of(string(text)); without != string(text) {
			return root.WriteFile(path, []byte(without), 0o600)
		}
		return nil
	})
}

// redaction finds a user where reports name users, and nowhere else: the user 1 is no count of 1.
type redaction struct {
	byUser  *regexp.Regexp // a row of the table by user
	mover   *regexp.Regexp // a row of what changed
	head    *regexp.Regexp // a line of the headline
	grouped *regexp.Regexp // a budget of each user
}

func newRedaction(value string) redaction {
	var id strings.Builder
	for _, r := range value { // a backslash stands before what would mean something in Markdown
		id.WriteString(`\\?` + regexp.QuoteMeta(string(r)))
	}
	line := func(before, after string) *regexp.Regexp {
		return regexp.MustCompile(`(?m)^(` + before + `)` + id.String() + `(` + after + `)`)
	}
	return redaction{
		byUser: line(`\| `, ` \|`), mover: line(`\| user \| `, ` \|`), head: line(`- User `, `: `),
		grouped: line(`\| [^|\n]*\((?:[^|\n]*, )?`, `(?:, [^|\n]*)?\) \|`),
	}
}

func (r redaction) of(text string) string {
	const keep = "${1}" + erased + "${2}"
	var out []string
	for _, section := range strings.SplitAfter(text, "\n\n## ") {
		switch {
		case strings.HasPrefix(section, "By user\n"):
			section = r.byUser.ReplaceAllString(section, keep)
		case strings.HasPrefix(section, "Budgets\n"):
			section = r.grouped.ReplaceAllString(section, keep)
		default:
			section = r.head.ReplaceAllString(r.mover.ReplaceAllString(section, keep), keep)
		}
		out = append(out, section)
	}
	return strings.Join(out, "")
}
