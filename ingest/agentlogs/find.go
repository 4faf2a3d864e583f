package agentlogs

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"analytics/engine/fault"
)

// maxFiles bounds how many files are read in one run.
const maxFiles = 200_000

// Places are where an agent keeps its logs.
func Places(agent, home string, env func(string) string) []string {
	if agent == "codex" {
		base := cmp.Or(env("CODEX_HOME"), filepath.Join(home, ".codex"))
		return []string{filepath.Join(base, "sessions"), filepath.Join(base, "archived_sessions")}
	}
	if base := env("CLAUDE_CONFIG_DIR"); base != "" {
		return []string{filepath.Join(base, "projects")}
	}
	return []string{
		filepath.Join(home, ".claude", "projects"), filepath.Join(home, ".config", "claude", "projects"),
	}
}

// Find lists the files in folders, files and globs, the originals before their copies: sessions
// before those of sub-agents, and older ones before those that continue them. Of the given places
// each must exist; of an agent's own, one is enough.
func Find(agent string, given, own []string) ([]File, error) {
	var all []File
	places := given
	if len(given) == 0 {
		places = own
	}
	for _, place := range places {
		found, err := findIn(place)
		if err != nil && len(given) > 0 {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b File) int {
		if agent == "codex" {
			return cmp.Or(cmp.Compare(filepath.Base(a.Path), filepath.Base(b.Path)), cmp.Compare(a.Path, b.Path))
		}
		return cmp.Or(cmp.Compare(rank(a.Path), rank(b.Path)), a.Modified.Compare(b.Modified),
			cmp.Compare(a.Path, b.Path))
	})
	all = slices.CompactFunc(all, func(a, b File) bool { return a.Path == b.Path })
	switch {
	case len(all) == 0:
		return nil, fault.New(fault.NotFound, "no_logs", "there are no logs of %s in %s; name the folder "+
			"that has them", agent, strings.Join(places, " or "))
	case len(all) > maxFiles:
		return nil, fault.New(fault.TooLarge, "too_many_files", "there are more than %d files; name a part "+
			"of them", maxFiles)
	}
	return all, nil
}

// rank puts the logs of sub-agents behind the sessions.
func rank(path string) int {
	if strings.HasPrefix(filepath.Base(path), "agent-") ||
		strings.Contains(filepath.ToSlash(path), "/subagents/") {
		return 1
	}
	return 0
}

func findIn(place string) ([]File, error) {
	paths := []string{place}
	if _, err := os.Stat(place); err != nil {
		if paths, _ = filepath.Glob(place); len(paths) == 0 {
			return nil, fault.New(fault.NotFound, "no_file", "there is no file or folder %s", place)
		}
	}
	var all []File
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path != p && !isLog(path) {
				return nil // what cannot be listed is as if it were not there
			}
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() {
				all = append(all, File{path, info.Size(), info.ModTime()})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func isLog(path string) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(path, ".zst"), ".gz")
	return strings.HasSuffix(name, ".jsonl")
}
