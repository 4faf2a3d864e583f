package pricing

import (
	"regexp"
	"slices"
	"strings"
)

// A model is called many names: `models/gemini-2.5-pro`, `openrouter/openai/gpt-4o`,
// `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, an ARN, a path of Vertex. The functions here turn
// one into the list of names to look up, the most literal first.

// maxForms bounds the names tried for one model.
const maxForms = 6

// fold makes names comparable.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// forms lists the folded name and what follows each of its slashes: the last part is the model in
// paths and ARNs, and after a provider's prefix.
func forms(name string) []string {
	list := []string{name}
	for len(list) < maxForms {
		_, rest, ok := strings.Cut(name, "/")
		if !ok || rest == "" {
			break
		}
		name = rest
		list = append(list, name)
	}
	return list
}

// dates holds the ways a snapshot's day is written at the end of a model's name, and the number of
// a stable version on Vertex.
type dates struct{ compact, dashed, version *regexp.Regexp }

func newDates() dates {
	return dates{
		compact: regexp.MustCompile(`[-@](20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$`),
		dashed:  regexp.MustCompile(`-(20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`),
		version: regexp.MustCompile(`-00\d$`),
	}
}

// undated lists other names for dated ones: the day written the other way, then none. A snapshot
// costs what its model costs unless the table knows the snapshot itself, which is tried first.
func (d dates) undated(names []string) []string {
	var list []string
	add := func(name string) {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, name := range names {
		if d.compact.MatchString(name) {
			add(d.compact.ReplaceAllString(name, "-$1-$2-$3"))
			add(d.compact.ReplaceAllString(name, ""))
		} else if d.dashed.MatchString(name) {
			add(d.dashed.ReplaceAllString(name, "-$1$2$3"))
			add(d.dashed.ReplaceAllString(name, ""))
		} else if d.version.MatchString(name) {
			add(d.version.ReplaceAllString(name, ""))
		}
	}
	return list
}

// onBedrock reports whether a folded name is one of Amazon Bedrock: `vendor.model`, maybe after the
// geography of an inference profile, maybe inside an ARN.
func onBedrock(name string) bool {
	if strings.HasPrefix(name, "arn:aws") && strings.Contains(name, ":bedrock:") {
		return true
	}
	list := forms(name)
	name = list[len(list)-1]
	vendor, rest, _ := strings.Cut(name, ".")
	if bedrockGeographies[vendor] {
		vendor, rest, _ = strings.Cut(rest, ".")
	}
	return bedrockVendors[vendor] && rest != ""
}

var bedrockGeographies = map[string]bool{"us": true, "eu": true, "apac": true, "jp": true,
	"au": true, "ca": true, "in": true, "us-gov": true, "global": true}

var bedrockVendors = map[string]bool{"ai21": true, "amazon": true, "anthropic": true,
	"cohere": true, "deepseek": true, "google": true, "luma": true, "meta": true, "minimax": true,
	"mistral": true, "moonshot": true, "moonshotai": true, "nvidia": true, "openai": true,
	"qwen": true, "stability": true, "twelvelabs": true, "writer": true, "zai": true}

// aliases are names of providers in OpenTelemetry, LiteLLM and SDKs that the table's own patterns
// miss or get wrong.
var aliases = map[string]string{
	"az.ai.inference":    "azure",
	"az.ai.openai":       "azure",
	"azure.ai.inference": "azure",
	"azure.ai.openai":    "azure",
	"azure_ai":           "azure",
	"azure_openai":       "azure",
	"azure-openai":       "azure",
	"azureopenai":        "azure",
	"fireworks_ai":       "fireworks",
	"fireworks-ai":       "fireworks",
	"gcp.gen_ai":         "google",
	"grok":               "x-ai",
	"perplexity_ai":      "perplexity",
	"pplx":               "perplexity",
	"x_ai":               "x-ai",
	"xai":                "x-ai",
	"z-ai":               "zai",
	"z.ai":               "zai",
	"zhipu":              "zhipuai",
}

// prefixes are what comes before the slash or colon of `provider/model` besides ids and aliases.
var prefixes = map[string]string{
	"bedrock":          "aws",
	"bedrock_converse": "aws",
	"gemini":           "google",
	"mistralai":        "mistral",
	"moonshot":         "moonshotai",
	"together_ai":      "together",
	"together-ai":      "together",
	"vertex_ai":        "google",
	"vertexai":         "google",
}

// local are runtimes on one's own hardware: what they run has no price but one of the
// configuration, whatever the model is called.
var local = map[string]bool{"hosted_vllm": true, "llama.cpp": true, "llama_cpp": true,
	"llamacpp": true, "llamafile": true, "lm-studio": true, "lm_studio": true, "lmstudio": true,
	"local": true, "localai": true, "localhost": true, "mlx": true, "ollama": true,
	"ollama_chat": true, "self-hosted": true, "self_hosted": true, "selfhosted": true,
	"sglang": true, "text-generation-inference": true, "tgi": true, "triton": true, "vllm": true,
	"xinference": true}
