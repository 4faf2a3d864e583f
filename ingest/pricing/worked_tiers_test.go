package pricing

// The sources of these prices, beside the kept table: OpenAI's pricing page (tables Standard,
// Batch, Flex), openai.com/api-priority-processing, Anthropic's pages on batches and fast mode,
// ai.google.dev/gemini-api/docs/optimization.

func workedTiers() []worked {
	return []worked{
		// OpenAI's table Batch: gpt-5 0.625 / 0.0625 / 5:
		// 1000 x 0.625 + 2000 x 0.0625 + 100 x 5 = 625 + 125 + 500 = 1250 micro
		{name: "batch is half", provider: "openai", model: "gpt-5", tier: "batch",
			usage: Usage{InputUncached: 1000, CacheRead: 2000, OutputText: 100},
			nano:  1_250_000, key: "openai/gpt-5#batch=half"},
		// table Flex: o3 1 / 0.25 / 4: 1000 x 1 + 400 x 0.25 + (50 + 50) x 4 = 1000 + 100 + 400
		{name: "flex", provider: "openai", model: "o3", tier: "flex",
			usage: Usage{InputUncached: 1000, CacheRead: 400, OutputText: 50, Reasoning: 50},
			nano:  1_500_000, key: "openai/o3#flex=half"},
		// half of one cached token of gpt-5-nano is 2.5 nano, half to even: 2
		{name: "half of five nano", provider: "openai", model: "gpt-5-nano", tier: "flex",
			usage: Usage{CacheRead: 1}, nano: 2, key: "openai/gpt-5-nano#flex=half"},
		// priority: gpt-5 2.5 / 0.25 / 20: 1000 x 2.5 + 1000 x 0.25 + 100 x 20 = 4750
		{name: "priority", provider: "openai", model: "gpt-5", tier: "priority",
			usage: Usage{InputUncached: 1000, CacheRead: 1000, OutputText: 100},
			nano:  4_750_000, key: "openai/gpt-5#priority"},
		// gpt-4o 4.25 / 2.125 / 17, and a dated snapshot: 100 x 4.25 + 100 x 2.125 + 10 x 17
		// = 425 + 212.5 + 170 = 807.5
		{name: "priority of a snapshot", provider: "openai", model: "gpt-4o-2024-08-06",
			tier: "priority", usage: Usage{InputUncached: 100, CacheRead: 100, OutputText: 10},
			nano: 807_500, key: "openai/gpt-4o#priority"},
		// gpt-4.1 3.5 / 14: 1000 x 3.5 + 1000 x 14
		{name: "priority by its other name", provider: "openai", model: "gpt-4.1", tier: "fast",
			usage: Usage{InputUncached: 1000, OutputText: 1000}, nano: 17_500_000,
			key: "openai/gpt-4.1#priority"},
		// gpt-5.5's priority price excludes long context: 300000 at the long price of standard,
		// twice 5 in: 300000 x 10 = 3000000
		{name: "priority ends where prompts are long", provider: "openai", model: "gpt-5.5",
			tier: "priority", usage: Usage{InputUncached: 300_000}, nano: 3_000_000_000,
			key: "openai/gpt-5.5#priority=standard"},
		// o1 has no priority price: the standard one, and the key says so: 100 x 15
		{name: "priority without a price", provider: "openai", model: "o1", tier: "priority",
			usage: Usage{InputUncached: 100}, nano: 1_500_000, key: "openai/o1#priority=standard"},
		// `default` and `auto` are the standard tier: 100 x 2.5
		{name: "default is standard", provider: "openai", model: "gpt-4o", tier: "default",
			usage: Usage{InputUncached: 100}, nano: 250_000, key: "openai/gpt-4o"},
		// a tier of a contract: the standard price, said
		{name: "scale tier", provider: "openai", model: "gpt-4o", tier: "scale",
			usage: Usage{InputUncached: 100}, nano: 250_000, key: "openai/gpt-4o#other=standard"},
	}
}

func workedClouds() []worked {
	return []worked{
		// Claude in a batch, 50 % of all usage: sonnet 4.5 1.5 / write 1.875 / hour 3 / read 0.15 /
		// 7.5: 1000 x 1.5 + 100 x 1.875 + 100 x 3 + 1000 x 0.15 + 200 x 7.5
		// = 1500 + 187.5 + 300 + 150 + 1500 = 3637.5
		{name: "batch with every cache", provider: "anthropic", model: "claude-sonnet-4-5",
			tier: "batch", usage: Usage{InputUncached: 1000, CacheWrite: 100, CacheWrite1h: 100,
				CacheRead: 1000, OutputText: 200}, nano: 3_637_500,
			key: "anthropic/claude-sonnet-4-5#batch=half"},
		// a long prompt in a batch: half of 6: 200001 x 3 = 600003
		{name: "long batch", provider: "anthropic", model: "claude-sonnet-4-5", tier: "batch",
			usage: Usage{InputUncached: 200_001}, nano: 600_003_000,
			key: "anthropic/claude-sonnet-4-5#batch=half"},
		// opus 4.6 fast: six times 5 / 25 is 30 / 150, a read six times 0.5:
		// 1000 x 30 + 1000 x 3 + 100 x 150 = 30000 + 3000 + 15000
		{name: "fast", provider: "anthropic", model: "claude-opus-4-6", tier: "fast",
			usage: Usage{InputUncached: 1000, CacheRead: 1000, OutputText: 100},
			nano:  48_000_000, key: "anthropic/claude-opus-4-6#fast"},
		// opus 5 fast is 10 / 50: 1000 x 10 + 100 x 50
		{name: "fast at twice", provider: "anthropic", model: "claude-opus-5", tier: "fast",
			usage: Usage{InputUncached: 1000, OutputText: 100}, nano: 15_000_000,
			key: "anthropic/claude-opus-5#fast"},
		// Claude's priority tier is bought in advance: 100 x 3
		{name: "capacity bought before", provider: "anthropic", model: "claude-sonnet-4-5",
			tier: "priority", usage: Usage{InputUncached: 100}, nano: 300_000,
			key: "anthropic/claude-sonnet-4-5#priority=standard"},
		// gemini-2.5-pro in a batch 0.625 / 5, what is read from the cache stays 0.125:
		// 1000 x 0.625 + 1000 x 0.125 + 100 x 5 = 625 + 125 + 500
		{name: "batch, cache read whole", provider: "google", model: "gemini-2.5-pro",
			tier: "BATCH", usage: Usage{InputUncached: 1000, CacheRead: 1000, OutputText: 100},
			nano: 1_250_000, key: "google/gemini-2.5-pro#batch=half"},
		// gemini-2.5-flash flex 0.15 / 1.25, its traffic type: 1000 x 0.15 + 100 x 1.25 = 275
		{name: "traffic type flex", provider: "google", model: "gemini-2.5-flash",
			tier: "ON_DEMAND_FLEX", usage: Usage{InputUncached: 1000, OutputText: 100},
			nano: 275_000, key: "google/gemini-2.5-flash#flex=half"},
		// Bedrock's batch is half of 3.3 / 16.5: 1000 x 1.65 + 100 x 8.25 = 2475
		{name: "bedrock batch", provider: "aws", tier: "batch",
			model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
			usage: Usage{InputUncached: 1000, OutputText: 100}, nano: 2_475_000,
			key: "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0#batch=half"},
		// azure's batch, priced from OpenAI's list: gpt-4.1 1 / 4: 1000 x 1 + 100 x 4
		{name: "azure batch", provider: "azure", model: "gpt-4.1", tier: "batch",
			usage: Usage{InputUncached: 1000, OutputText: 100}, nano: 1_400_000,
			key: "openai/gpt-4.1#batch=half"},
	}
}

func workedImages() []worked {
	return []worked{
		// gpt-image-1 text 5, image in 10, out 40; 300 of the 400 in are of an image:
		// 100 x 5 + 300 x 10 + 1000 x 40 = 500 + 3000 + 40000
		{name: "image in and out", provider: "openai", model: "gpt-image-1",
			usage: Usage{InputUncached: 400, ImageInput: 300, OutputText: 1000, ImageOutput: 1000},
			nano:  43_500_000, key: "openai/gpt-image-1"},
		// gpt-image-1.5 text 5 / 10, image 8 / 32: 50 x 5 + 50 x 8 + 20 x 10 + 80 x 32
		// = 250 + 400 + 200 + 2560
		{name: "text and image out", provider: "openai", model: "gpt-image-1.5",
			usage: Usage{InputUncached: 100, ImageInput: 50, OutputText: 100, ImageOutput: 80},
			nano:  3_410_000, key: "openai/gpt-image-1.5"},
		// gemini-2.5-flash-image 0.3 / 2.5, image out 30, 1290 tokens an image:
		// 100 x 0.3 + 10 x 2.5 + 1290 x 30 = 30 + 25 + 38700
		{name: "an image of Gemini", provider: "google", model: "gemini-2.5-flash-image",
			usage: Usage{InputUncached: 100, OutputText: 1300, ImageOutput: 1290},
			nano:  38_755_000, key: "google/gemini-2.5-flash-image"},
		// gpt-4o has no price of its own for images: all 1000 at 2.5
		{name: "an image looked at", provider: "openai", model: "gpt-4o",
			usage: Usage{InputUncached: 1000, ImageInput: 765}, nano: 2_500_000,
			key: "openai/gpt-4o"},
		// web searches, 10 USD per 1000: claude-sonnet-4-5 1000 x 3 + 3 x 10000 = 33000
		{name: "web searches", provider: "anthropic", model: "claude-sonnet-4-5",
			usage: Usage{InputUncached: 1000, WebSearches: 3}, nano: 33_000_000,
			key: "anthropic/claude-sonnet-4-5"},
		// gpt-5: 1000 x 1.25 + 2 x 10000 = 21250
		{name: "web searches of OpenAI", provider: "openai", model: "gpt-5",
			usage: Usage{InputUncached: 1000, WebSearches: 2}, nano: 21_250_000,
			key: "openai/gpt-5"},
		// in a batch tokens are half, a search is not: 1000 x 0.625 + 1 x 10000 = 10625
		{name: "a search in a batch", provider: "openai", model: "gpt-5", tier: "batch",
			usage: Usage{InputUncached: 1000, WebSearches: 1}, nano: 10_625_000,
			key: "openai/gpt-5#batch=half"},
		// no price for searches: left out, and said: 1000 x 15
		{name: "searches without a price", provider: "openai", model: "o1",
			usage: Usage{InputUncached: 1000, WebSearches: 2}, nano: 15_000_000,
			key: "openai/o1#searches=unpriced"},
	}
}

func workedNames() []worked {
	return []worked{
		// an alias is answered by a snapshot that cost twice as much: gpt-4o-2024-05-13 5 / 15
		{name: "the snapshot that answered", provider: "openai", model: "gpt-4o",
			answered: "gpt-4o-2024-05-13", usage: Usage{InputUncached: 100, OutputText: 10},
			nano: 650_000, key: "openai/gpt-4o-2024-05-13"},
		// Azure's deployment name says nothing, the answer does: 1000 x 2.5
		{name: "azure deployment", provider: "azure", model: "our-chat",
			answered: "gpt-4o-2024-08-06", usage: Usage{InputUncached: 1000}, nano: 2_500_000,
			key: "openai/gpt-4o"},
		// an answer nobody knows leaves what was asked: 1000 x 2.5
		{name: "unknown answer", provider: "openai", model: "gpt-4o", answered: "gw-7f3a",
			usage: Usage{InputUncached: 1000}, nano: 2_500_000, key: "openai/gpt-4o"},
		// Bedrock's region takes 10 % more, and Claude's own name in the answer changes nothing
		{name: "the cloud stays", model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
			answered: "claude-sonnet-4-5-20250929", usage: Usage{InputUncached: 1000},
			nano: 3_300_000, key: "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		// fine-tuned gpt-4o-mini 0.3 / 1.2: 1000 x 0.3 + 100 x 1.2 = 420
		{name: "fine-tuned", provider: "openai", model: "ft:gpt-4o-mini-2024-07-18:acme::AbC123",
			usage: Usage{InputUncached: 1000, OutputText: 100}, nano: 420_000,
			key: "openai/ft:gpt-4o-mini"},
		// fine-tuned gpt-4o 3.75 / 15: 1000 x 3.75 + 100 x 15 = 5250
		{name: "fine-tuned gpt-4o", model: "ft:gpt-4o-2024-08-06:acme::x",
			usage: Usage{InputUncached: 1000, OutputText: 100}, nano: 5_250_000,
			key: "openai/ft:gpt-4o"},
		// Vertex's form: 3 / 15: 1000 x 3
		{name: "vertex", model: "vertex_ai/claude-sonnet-4-5@20250929",
			usage: Usage{InputUncached: 1000}, nano: 3_000_000, key: "google/claude-sonnet-4-5"},
		// the free variant of a model that others sell
		{name: "free beside one for money", model: "deepseek/deepseek-r1:free",
			usage: Usage{InputUncached: 1000}, nano: 0, key: "openrouter/*:free"},
		// a free variant that the table does not list
		{name: "free by its name", provider: "openrouter", model: "some/new-model:free",
			usage: Usage{InputUncached: 1000}, nano: 0, key: "openrouter/*:free"},
	}
}
