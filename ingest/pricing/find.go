package pricing

import "strings"

// find looks a model up. `provider` is what the event says and may be empty; `names` gives the
// names to try for a folded model name. The order, and why:
//
//  1. The provider's own list, then those of the providers it resells (azure has OpenAI's models).
//  2. If the provider is a host with a list of its own, that is all: the same open model costs
//     something else elsewhere, and a wrong price is worse than none.
//  3. Otherwise (no provider, one we do not know, or `openai` and `anthropic`, which any client of
//     a compatible endpoint calls itself) the name decides: Bedrock's form, a `provider/` prefix,
//     or the family (`gpt-`, `claude`, `gemini`).
func (t *table) find(provider, name string, names func(string) []string) *price {
	provider = fold(provider)
	if local[provider] {
		return nil
	}
	own := t.called(provider)
	prefix, rest, prefixed := t.split(name)
	if own != nil && own.open() && prefixed && t.strictly(prefix) != own {
		return t.find(prefix, rest, names)
	}
	if own != nil {
		if p := t.search(own, names(name)); p != nil || !own.open() {
			return p
		}
	}
	if onBedrock(name) && (own == nil || own.id != "aws") {
		return t.search(t.byID["aws"], names(name))
	}
	if prefixed {
		return t.find(prefix, rest, names)
	}
	if strings.Contains(name, "publishers/") && own == nil { // a path of Vertex
		return t.search(t.byID["google"], names(name))
	}
	if strings.HasPrefix(name, "ft:") { // OpenAI's form of a fine-tuned model
		return t.search(t.byID["openai"], names(name))
	}
	for _, form := range forms(name) {
		for _, p := range t.providers {
			if p.family != nil && p.family.matches(form) {
				if found := t.search(p, names(name)); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// open reports whether the provider's name says little about who is paid.
func (p *provider) open() bool {
	return p.id == "openai" || p.id == "anthropic"
}

// search tries names in a provider's list, then in those of the providers it resells.
func (t *table) search(p *provider, names []string) *price {
	if p == nil {
		return nil
	}
	for _, name := range names {
		if found := p.lookup(name); found != nil {
			return found
		}
		for _, id := range p.fallback {
			if other := t.byID[id]; other != nil {
				if found := other.lookup(name); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// called finds a provider by what a client calls it.
func (t *table) called(name string) *provider {
	if name == "" || name == "litellm" {
		return nil
	}
	if p := t.strictly(name); p != nil {
		return p
	}
	for _, p := range t.providers {
		if p.called != nil && p.called.matches(name) {
			return p
		}
	}
	return nil
}

// strictly finds a provider by its id or one of its known other names.
func (t *table) strictly(name string) *provider {
	if id, ok := aliases[name]; ok {
		name = id
	}
	return t.byID[name]
}

// split takes a provider's prefix off `provider/model` or `provider:model`.
func (t *table) split(name string) (prefix, rest string, ok bool) {
	at := strings.IndexAny(name, "/:")
	if at <= 0 || at == len(name)-1 {
		return "", "", false
	}
	prefix, rest = name[:at], name[at+1:]
	if id, ok := prefixes[prefix]; ok {
		return id, rest, true
	}
	ok = local[prefix] || prefix == "litellm" || t.strictly(prefix) != nil
	return prefix, rest, ok
}
