package pricing

import (
	"testing"
	"time"

	"analytics/engine/event"
)

// worked is a request and its cost, worked out by hand: prices in USD per million tokens are
// micro-USD per token, so tokens x price is micro-USD; nano is that x 1000.
type worked struct {
	name            string
	provider, model string
	on              string // day; empty is 2026-11-21
	usage           Usage
	nano            event.NanoUSD
	key             string
	tier, answered  string
}

func workedOpenAI() []worked {
	return []worked{
		// 1000 x 2.5 + 500 x 10 = 2500 + 5000 = 7500 micro
		{"plain", "openai", "gpt-4o", "", Usage{InputUncached: 1000, OutputText: 500},
			7_500_000, "openai/gpt-4o", "", ""},
		// 200 x 2.5 + 800 x 1.25 + 100 x 10 = 500 + 1000 + 1000 = 2500 micro
		{"cached half price", "openai", "gpt-4o", "",
			Usage{InputUncached: 200, CacheRead: 800, OutputText: 100}, 2_500_000, "openai/gpt-4o", "", ""},
		// one token of gpt-4o-mini in: 0.15 micro = 150 nano
		{"one token", "openai", "gpt-4o-mini", "", Usage{InputUncached: 1}, 150,
			"openai/gpt-4o-mini", "", ""},
		// one cached token of gpt-5-nano: 0.005 micro = 5 nano
		{"one cached token", "openai", "gpt-5-nano", "", Usage{CacheRead: 1}, 5,
			"openai/gpt-5-nano", "", ""},
		// text-embedding-3-small, 0.02: 12345 x 0.02 = 246.9 micro
		{"embedding", "openai", "text-embedding-3-small", "", Usage{InputUncached: 12345},
			246_900, "openai/text-embedding-3-small", "", ""},
		// o4-mini 1.1 / 4.4: 1000 x 1.1 + (100 + 900) x 4.4 = 1100 + 4400; reasoning is output
		{"reasoning is output", "openai", "o4-mini", "",
			Usage{InputUncached: 1000, OutputText: 100, Reasoning: 900}, 5_500_000,
			"openai/o4-mini", "", ""},
		// gpt-5 1.25 / 0.125 / 10: 70 x 1.25 + 30 x 0.125 + 10 x 10 = 87.5 + 3.75 + 100 = 191.25
		{"three prices", "openai", "gpt-5", "",
			Usage{InputUncached: 70, CacheRead: 30, OutputText: 4, Reasoning: 6}, 191_250,
			"openai/gpt-5", "", ""},
		// gpt-5.4 up to 271,999 in: 271999 x 2.5 + 10 x 15 = 679997.5 + 150 = 680147.5
		{"below the tier", "openai", "gpt-5.4", "",
			Usage{InputUncached: 271_999, OutputText: 10}, 680_147_500, "openai/gpt-5.4", "", ""},
		// one more: 272000 x 5 + 10 x 22.5 = 1360000 + 225 = 1360225
		{"over the tier", "openai", "gpt-5.4", "",
			Usage{InputUncached: 272_000, OutputText: 10}, 1_360_225_000, "openai/gpt-5.4", "", ""},
		// the tier counts cached ones: 72000 x 5 + 200000 x 0.5 + 0 = 360000 + 100000
		{"over the tier by cached tokens", "openai", "gpt-5.4", "",
			Usage{InputUncached: 72_000, CacheRead: 200_000}, 460_000_000, "openai/gpt-5.4", "", ""},
		// gpt-6-sol 2 / write 2.5 / read 0.2 / 10: 100 x 2 + 400 x 2.5 + 500 x 0.2 + 20 x 10
		// = 200 + 1000 + 100 + 200 = 1500
		{"cache write has a price", "openai", "gpt-6-sol", "",
			Usage{InputUncached: 100, CacheWrite: 400, CacheRead: 500, OutputText: 20},
			1_500_000, "openai/gpt-6-sol", "", ""},
		// the same written for an hour: no own price, so the write price
		{"hour write without a price", "openai", "gpt-6-sol", "",
			Usage{InputUncached: 100, CacheWrite1h: 400, CacheRead: 500, OutputText: 20},
			1_500_000, "openai/gpt-6-sol", "", ""},
		// gpt-4o has no write price: 100 x 2.5 + 400 x 2.5 = 1250
		{"cache write is input", "openai", "gpt-4o", "",
			Usage{InputUncached: 100, CacheWrite: 400}, 1_250_000, "openai/gpt-4o", "", ""},
		// o1-pro 150 / 600, no cached price: (10 + 90) x 150 + 1 x 600 = 15600
		{"cached without a price is input", "openai", "o1-pro", "",
			Usage{InputUncached: 10, CacheRead: 90, OutputText: 1}, 15_600_000, "openai/o1-pro", "", ""},
		// gpt-realtime 4 / 0.4 / audio 32 / 16 / audio 64:
		// 100 x 4 + 50 x 0.4 + 1000 x 32 + 20 x 16 + 300 x 64 = 400 + 20 + 32000 + 320 + 19200
		{"audio both ways", "openai", "gpt-realtime", "",
			Usage{InputUncached: 100, CacheRead: 50, AudioInput: 1000, OutputText: 20,
				AudioOutput: 300}, 51_940_000, "openai/gpt-realtime", "", ""},
		// gpt-4o-transcribe: audio 6, text out 10: 2000 x 6 + 150 x 10 = 13500
		{"transcription", "openai", "gpt-4o-transcribe", "",
			Usage{AudioInput: 2000, OutputText: 150}, 13_500_000, "openai/gpt-4o-transcribe", "", ""},
		// o3 cost 10 / 40 before 2025-06-10: 1000 x 10 + 1000 x 40
		{"before a price change", "openai", "o3", "2025-06-09",
			Usage{InputUncached: 1000, OutputText: 1000}, 50_000_000, "openai/o3", "", ""},
		// and 2 / 8 from that day: 1000 x 2 + 1000 x 8
		{"from the day of the change", "openai", "o3", "2025-06-10",
			Usage{InputUncached: 1000, OutputText: 1000}, 10_000_000, "openai/o3", "", ""},
	}
}

func workedAnthropic() []worked {
	return []worked{
		// claude-sonnet-4-5 3 / 3.75 / 0.3 / 15: the package's own example:
		// 700 x 3 + 100 x 3.75 + 200 x 0.3 + 500 x 15 = 2100 + 375 + 60 + 7500 = 10035
		{"write and read", "anthropic", "claude-sonnet-4-5-20250929", "",
			Usage{InputUncached: 700, CacheWrite: 100, CacheRead: 200, OutputText: 500},
			10_035_000, "anthropic/claude-sonnet-4-5", "", ""},
		// the 100 written for an hour: 700 x 3 + 100 x 6 + 200 x 0.3 + 500 x 15 = 10260
		{"hour write is twice input", "anthropic", "claude-sonnet-4-5-20250929", "",
			Usage{InputUncached: 700, CacheWrite1h: 100, CacheRead: 200, OutputText: 500},
			10_260_000, "anthropic/claude-sonnet-4-5", "", ""},
		// both: 10 x 3 + 1000 x 3.75 + 1000 x 6 = 30 + 3750 + 6000
		{"both writes", "anthropic", "claude-sonnet-4-5", "",
			Usage{InputUncached: 10, CacheWrite: 1000, CacheWrite1h: 1000}, 9_780_000,
			"anthropic/claude-sonnet-4-5", "", ""},
		// tier at 200,000: 200000 x 3 + 100 x 15 = 601500
		{"at the edge", "anthropic", "claude-sonnet-4-5", "",
			Usage{InputUncached: 200_000, OutputText: 100}, 601_500_000,
			"anthropic/claude-sonnet-4-5", "", ""},
		// 200001 x 6 + 100 x 22.5 = 1200006 + 2250 = 1202256
		{"over the edge", "anthropic", "claude-sonnet-4-5", "",
			Usage{InputUncached: 200_001, OutputText: 100}, 1_202_256_000,
			"anthropic/claude-sonnet-4-5", "", ""},
		// all parts count: 1 x 6 + 100000 x 0.6 + 50000 x 7.5 + 50000 x 12 = 6 + 60000 + 375000 +
		// 600000 = 1035006
		{"over the edge by cached tokens", "anthropic", "claude-sonnet-4-5", "",
			Usage{InputUncached: 1, CacheRead: 100_000, CacheWrite: 50_000, CacheWrite1h: 50_000},
			1_035_006_000, "anthropic/claude-sonnet-4-5", "", ""},
		// one less is at the edge: 0 + 100000 x 0.3 + 50000 x 3.75 + 50000 x 6 = 517500
		{"at the edge by cached tokens", "anthropic", "claude-sonnet-4-5", "",
			Usage{CacheRead: 100_000, CacheWrite: 50_000, CacheWrite1h: 50_000}, 517_500_000,
			"anthropic/claude-sonnet-4-5", "", ""},
		// claude-opus-4-1 15 / 18.75 / 1.5 / 75 / hour 30: a coding agent's turn
		// 4 x 15 + 103925 x 1.5 + 2000 x 30 + 350 x 75 = 60 + 155887.5 + 60000 + 26250 = 242197.5
		{"coding agent", "anthropic", "claude-opus-4-1-20250805", "",
			Usage{InputUncached: 4, CacheRead: 103_925, CacheWrite1h: 2000, OutputText: 350},
			242_197_500, "anthropic/claude-opus-4-1", "", ""},
		// claude-3-haiku lists its hour write itself, 0.5: 1000 x 0.5 + 1000 x 0.3
		{"hour write listed", "anthropic", "claude-3-haiku-20240307", "",
			Usage{CacheWrite: 1000, CacheWrite1h: 1000}, 800_000, "anthropic/claude-3-haiku", "", ""},
		// claude-haiku-4-5 1 / 5, thinking is output: 10 x 1 + (5 + 95) x 5 = 510
		{"thinking is output", "anthropic", "claude-haiku-4-5", "",
			Usage{InputUncached: 10, OutputText: 5, Reasoning: 95}, 510_000,
			"anthropic/claude-haiku-4-5", "", ""},
		// sonnet 4.6 lost its tier on 2026-03-13: the day before 300000 x 6, then 300000 x 3
		{"tier before it went", "anthropic", "claude-sonnet-4-6", "2026-03-12",
			Usage{InputUncached: 300_000}, 1_800_000_000, "anthropic/claude-sonnet-4-6", "", ""},
		{"tier gone", "anthropic", "claude-sonnet-4-6", "2026-03-13",
			Usage{InputUncached: 300_000}, 900_000_000, "anthropic/claude-sonnet-4-6", "", ""},
		// Bedrock in a region takes 10 % more: 1000 x 3.3 + 100 x 16.5 = 4950
		{"bedrock region", "aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "",
			Usage{InputUncached: 1000, OutputText: 100}, 4_950_000,
			"aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0", "", ""},
		// its hour write is not listed: twice input, 1000 x 6.6
		{"bedrock hour write", "bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", "",
			Usage{CacheWrite1h: 1000}, 6_600_000,
			"aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0", "", ""},
		// Vertex: twice input too, in the tier's price: 200001 x 12
		{"vertex hour write in a tier", "gcp.vertex_ai", "claude-sonnet-4-5@20250929", "",
			Usage{CacheWrite1h: 200_001}, 2_400_012_000, "google/claude-sonnet-4-5", "", ""},
	}
}

func workedGemini() []worked {
	return []worked{
		// gemini-2.5-pro 1.25 / 0.125 / 10 to 200,000: 200000 x 1.25 + 1000000 x 10 = 10250000
		{"at the edge", "google", "gemini-2.5-pro", "",
			Usage{InputUncached: 200_000, OutputText: 1_000_000}, 10_250_000_000,
			"google/gemini-2.5-pro", "", ""},
		// 200001 x 2.5 + 1000000 x 15 = 500002.5 + 15000000
		{"over the edge", "google", "gemini-2.5-pro", "",
			Usage{InputUncached: 200_001, OutputText: 1_000_000}, 15_500_002_500,
			"google/gemini-2.5-pro", "", ""},
		// cached count for the tier: 1 x 2.5 + 200000 x 0.25 = 50002.5
		{"over the edge by cached tokens", "google", "gemini-2.5-pro", "",
			Usage{InputUncached: 1, CacheRead: 200_000}, 50_002_500, "google/gemini-2.5-pro", "", ""},
		// gemini-2.5-flash 0.3 / 0.03 / 2.5 / audio 1: thoughts are output:
		// 220 x 0.3 + 5 x 2.5 + 185 x 2.5 = 66 + 12.5 + 462.5 = 541
		{"thoughts", "google", "gemini-2.5-flash", "",
			Usage{InputUncached: 220, OutputText: 5, Reasoning: 185}, 541_000,
			"google/gemini-2.5-flash", "", ""},
		// 100 x 0.3 + 400 x 0.03 + 1000 x 1 + 40 x 2.5 = 30 + 12 + 1000 + 100 = 1142
		{"audio in and cached", "gcp.gemini", "models/gemini-2.5-flash", "",
			Usage{InputUncached: 100, CacheRead: 400, AudioInput: 1000, OutputText: 40},
			1_142_000, "google/gemini-2.5-flash", "", ""},
		// gemini-2.5-pro lists no audio: the text price, and audio counts for the tier:
		// 1 x 2.5 + 200000 x 2.5 = 500002.5
		{"audio is input", "google", "gemini-2.5-pro", "",
			Usage{InputUncached: 1, AudioInput: 200_000}, 500_002_500, "google/gemini-2.5-pro", "", ""},
		// gemini-live-2.5-flash 0.5 / 2 / audio 3 / 12: 1000 x 3 + 500 x 12 + 10 x 2 = 9020
		{"live", "google", "gemini-live-2.5-flash-preview", "",
			Usage{AudioInput: 1000, AudioOutput: 500, OutputText: 10}, 9_020_000,
			"google/gemini-live-2.5-flash", "", ""},
		// gemini-2.5-pro-preview-tts is another model than its prefix says: 100 x 1 + 10 x 20 = 300
		{"not the text model", "google", "gemini-2.5-pro-preview-tts", "",
			Usage{InputUncached: 100, OutputText: 10}, 300_000, "google/gemini-2.5-pro-tts", "", ""},
		// gemini-1.5-flash at 128,000: 128000 x 0.075 = 9600; one more: 128001 x 0.15 = 19200.15
		{"tier at 128,000", "google", "gemini-1.5-flash-002", "", Usage{InputUncached: 128_000},
			9_600_000, "google/gemini-1.5-flash", "", ""},
		{"tier over 128,000", "google", "gemini-1.5-flash-002", "", Usage{InputUncached: 128_001},
			19_200_150, "google/gemini-1.5-flash", "", ""},
		// gemini-3.8-flash doubles on 2027-01-01: 1000 x 0.75, then 1000 x 1.5
		{"before New Year", "google", "gemini-3.8-flash", "2026-12-31",
			Usage{InputUncached: 1000}, 750_000, "google/gemini-3.8-flash", "", ""},
		{"from New Year", "google", "gemini-3.8-flash", "2027-01-01",
			Usage{InputUncached: 1000}, 1_500_000, "google/gemini-3.8-flash", "", ""},
	}
}

func workedOthers() []worked {
	return []worked{
		// azure resells OpenAI's models at OpenAI's prices: 1000 x 2.5
		{"azure", "azure", "gpt-4o-2024-11-20", "", Usage{InputUncached: 1000}, 2_500_000,
			"openai/gpt-4o", "", ""},
		// but lists some of its own: o4-mini cached is 0.28 there: 1000 x 0.28
		{"azure's own", "azure.ai.openai", "o4-mini", "", Usage{CacheRead: 1000}, 280_000,
			"azure/o4-mini", "", ""},
		// sonar-pro 3 / 15 and 14 USD per 1000 requests: 10 x 3 + 20 x 15 + 14000 = 14330
		{"fee per request", "perplexity", "sonar-pro", "",
			Usage{InputUncached: 10, OutputText: 20}, 14_330_000, "perplexity/sonar-pro", "", ""},
		// sonar-deep-research 2 / 8, reasoning 3: 1000 x 2 + 100 x 8 + 2000 x 3 = 8800
		{"reasoning has a price", "perplexity", "sonar-deep-research", "",
			Usage{InputUncached: 1000, OutputText: 100, Reasoning: 2000}, 8_800_000,
			"perplexity/sonar-deep-research", "", ""},
		// a free model costs nothing, and that is known
		{"free", "openrouter", "google/gemma-2-9b-it:free", "",
			Usage{InputUncached: 1000, OutputText: 100}, 0, "openrouter/google/gemma-2-9b-it:free", "", ""},
		// nova-micro cached 0.00875: 1 token is 8.75 nano, rounded once to 9
		{"rounded up", "aws", "amazon.nova-micro-v1:0", "", Usage{CacheRead: 1}, 9,
			"aws/amazon.nova-micro-v1:0", "", ""},
		// 3 tokens are 26.25 nano, not 3 x 9
		{"rounded once", "aws", "amazon.nova-micro-v1:0", "", Usage{CacheRead: 3}, 26,
			"aws/amazon.nova-micro-v1:0", "", ""},
		// gemini-flash-1.5-8b 0.0375: 1 token is 37.5 nano, half to even is 38
		{"half to even up", "google", "gemini-flash-1.5-8b", "", Usage{InputUncached: 1}, 38,
			"google/gemini-flash-1.5-8b", "", ""},
		// 3 tokens are 112.5 nano, half to even is 112
		{"half to even down", "google", "gemini-flash-1.5-8b", "", Usage{InputUncached: 3}, 112,
			"google/gemini-flash-1.5-8b", "", ""},
	}
}

func TestCostsWorkedOutByHand(t *testing.T) {
	b := book(t, nil)
	n := 0
	for _, list := range [][]worked{workedOpenAI(), workedAnthropic(), workedGemini(),
		workedOthers(), workedTiers(), workedClouds(), workedImages(), workedNames()} {
		for _, w := range list {
			n++
			day := w.on
			if day == "" {
				day = "2026-11-21"
			}
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			e := asked(w.provider, w.model, event.MicrosOf(at), w.usage)
			if w.tier != "" {
				e.SetText(event.AITier, []byte(w.tier))
			}
			if w.answered != "" {
				e.SetText(event.AIResponseModel, []byte(w.answered))
			}
			b.Price(e)
			if got := event.NanoUSD(e.Int(event.AICost)); !e.Has(event.AICost) || got != w.nano {
				t.Errorf("%s %s: cost %d nano-USD, want %d", w.model, w.name, got, w.nano)
			}
			if got := string(e.Text(event.AIPriceKey)); got != w.key {
				t.Errorf("%s %s: price key %q, want %q", w.model, w.name, got, w.key)
			}
			if got := string(e.Text(event.AICostSource)); got != Computed {
				t.Errorf("%s %s: cost source %q, want computed", w.model, w.name, got)
			}
			if got := string(e.Text(event.AIPriceVersion)); got != "genai-prices/0.1.8" {
				t.Errorf("%s %s: price version %q", w.model, w.name, got)
			}
		}
	}
	t.Logf("%d cases", n)
	if n < 80 {
		t.Errorf("%d cases, want at least 80", n)
	}
}

// asked is an ai_request with every bucket of the usage set.
func asked(provider, model string, at event.Micros, u Usage) *event.Event {
	e := new(event.Event)
	e.Reset(event.AIRequest)
	e.SetInt(event.Timestamp, int64(at))
	e.SetText(event.AIModel, []byte(model))
	if provider != "" {
		e.SetText(event.AIProvider, []byte(provider))
	}
	e.SetInt(event.AIInputUncachedTokens, u.InputUncached)
	e.SetInt(event.AICacheReadTokens, u.CacheRead)
	e.SetInt(event.AICacheWriteTokens, u.CacheWrite)
	e.SetInt(event.AICacheWrite1hTokens, u.CacheWrite1h)
	e.SetInt(event.AIAudioInputTokens, u.AudioInput)
	e.SetInt(event.AIOutputTextTokens, u.OutputText)
	e.SetInt(event.AIReasoningTokens, u.Reasoning)
	e.SetInt(event.AIAudioOutputTokens, u.AudioOutput)
	for field, n := range map[int]int64{event.AIImageInputTokens: u.ImageInput,
		event.AIImageOutputTokens: u.ImageOutput, event.AIWebSearches: u.WebSearches} {
		if n != 0 {
			e.SetInt(field, n)
		}
	}
	return e
}
