package erase

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"analytics/engine/person"
	"analytics/engine/whole"
)

// redact takes a user's id out of the reports that were written to the data folder.
func redact(data string, p *person.Person) (found []person.Found, err error) {
	if data == "" || p.Visitor { // reports name users only
		return nil, nil
	}
	dir := filepath.Join(data, "reports")
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := root.ReadFile(path)
		if err != nil {
			return err
		}
		without := redaction{p}.of(string(text))
		if without == string(text) {
			return nil
		}
		found = append(found, person.Found{Place: "report", Name: path, Done: person.Redacted})
		if p.Dry {
			return nil
		}
		// Under a name of its own first: the press may be writing the same report.
		beside := filepath.Join(dir, path+".erased")
		if err := whole.Write(beside, []byte(without)); err != nil {
			return err
		}
		if err := os.Rename(beside, filepath.Join(dir, path)); err != nil {
			return err
		}
		return whole.SyncFolder(filepath.Dir(beside))
	})
	return found, err
}

// redaction finds a user where reports name users, and nowhere else: the user 1 is no count of 1.
type redaction struct{ *person.Person }

// cell is what may stand in a cell of a table: a backslash goes before what would mean something.
const cell = `((?:\\.|[^|\\\n])+?)`

var (
	byUser = regexp.MustCompile(`(?m)^(\| )` + cell + `( \|)`)         // a row of the table by user
	mover  = regexp.MustCompile(`(?m)^(\| user \| )` + cell + `( \|)`) // a row of what changed
	head   = regexp.MustCompile(`(?m)^(- User )(.*)()$`)               // a line of the headline
	most   = regexp.MustCompile(`(?m)^(- Most of it: )(.*)()$`)        // what most was spent on
	limits = regexp.MustCompile(`(?m)^(\| )` + cell + `( \|.*)$`)      // a budget, and of whom it is
	group  = regexp.MustCompile(`^(.*\()(.+)(\))$`)
	alarm  = regexp.MustCompile(`(?m)^(\| )(.*)( \|)$`) // an alert
)

func (r redaction) of(text string) string {
	var out []string
	for _, section := range strings.SplitAfter(text, "\n\n## ") {
		switch {
		case strings.HasPrefix(section, "By user\n"):
			section = r.each(byUser, section, r.one)
		case strings.HasPrefix(section, "Budgets\n"):
			section = r.each(limits, section, r.budget)
		case strings.HasPrefix(section, "Alerts"):
			section = r.each(alarm, section, r.words)
		default:
			section = r.each(head, r.each(mover, section, r.one), r.line)
			section = r.each(most, section, r.share)
		}
		out = append(out, section)
	}
	return strings.Join(out, "")
}

// each has f replace what stands in the middle of each match.
func (r redaction) each(where *regexp.Regexp, text string, f func(string) string) string {
	return where.ReplaceAllStringFunc(text, func(match string) string {
		m := where.FindStringSubmatch(match)
		return m[1] + f(m[2]) + m[3]
	})
}

// line is the id and a colon, and what is said of it. An id may have colons.
func (r redaction) line(text string) string {
	for i := range text {
		if strings.HasPrefix(text[i:], ": ") && r.Is(bare(text[:i])) {
			return person.Erased + text[i:]
		}
	}
	return text
}

// share is what most was spent on: the kinds of things with their names and sums, after commas.
func (r redaction) share(text string) string {
	const user = "user "
	for i := range text {
		before, rest := text[:i], text[i:]
		if (i > 0 && !strings.HasSuffix(before, ", ")) || !strings.HasPrefix(rest, user) {
			continue
		}
		name := rest[len(user):]
		for j := range name {
			if strings.HasPrefix(name[j:], " (") && r.Is(bare(name[:j])) {
				return before + user + person.Erased + name[j:]
			}
		}
	}
	return text
}

// one is a text that is the id, or is not.
func (r redaction) one(text string) string {
	if r.Is(bare(text)) {
		return person.Erased
	}
	return text
}

// budget is the name of a budget, and in parentheses the values of its group.
func (r redaction) budget(text string) string {
	if m := group.FindStringSubmatch(text); m != nil {
		var values []string
		for value := range strings.SplitSeq(m[2], ", ") {
			values = append(values, r.one(value))
		}
		return r.words(m[1]) + strings.Join(values, ", ") + m[3]
	}
	return r.words(text)
}

// words is a text in which the id may stand anywhere.
func (r redaction) words(text string) string {
	p := *r.Person
	p.ID, p.Is = "", func(text string) bool { return r.Is(bare(text)) }
	return p.Redact(text)
}

var escape = regexp.MustCompile(`\\(.)`)

// bare is a text without the backslashes that Markdown needs.
func bare(text string) string { return escape.ReplaceAllString(text, "$1") }
