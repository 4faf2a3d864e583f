package dialect

// Dialect is how a provider's API is spoken.
type Dialect struct {
	name  string
	shape shape // of paths that say nothing
}

// shape is what a body looks like.
type shape uint8

const (
	shapeNone shape = iota
	shapeOpenAI
	shapeAnthropic
	shapeGemini
	shapeOllama // its own API, beside OpenAI's
)

var dialects = map[string]*Dialect{
	"openai":    {name: "openai", shape: shapeOpenAI},
	"anthropic": {name: "anthropic", shape: shapeAnthropic},
	"gemini":    {name: "gemini", shape: shapeGemini},
}

// ByName is the dialect openai, anthropic or gemini.
func ByName(name string) (*Dialect, bool) {
	d, ok := dialects[name]
	return d, ok
}

// Name is what ByName knows the dialect by.
func (d *Dialect) Name() string { return d.name }
