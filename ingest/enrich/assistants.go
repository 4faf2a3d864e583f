package enrich

// extra are places the list of referrers does not have, or files elsewhere than people expect: AI
// assistants first, which send more visits each month than most social networks.
var extra = []struct {
	kind   kind
	source string
	hosts  string
}{
	{assistant, "ChatGPT", "chatgpt.com chat.openai.com openai.com com.openai.chatgpt"},
	{assistant, "Perplexity", "perplexity.ai pplx.ai ai.perplexity.app.android"},
	{assistant, "Claude", "claude.ai claude.com com.anthropic.claude"},
	{assistant, "Gemini", "gemini.google.com bard.google.com com.google.android.apps.bard"},
	{assistant, "NotebookLM", "notebooklm.google.com"},
	{assistant, "Copilot", "copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft " +
		"edgeservices.bing.com sydney.bing.com copilot.com com.microsoft.copilot"},
	{assistant, "DeepSeek", "chat.deepseek.com deepseek.com"},
	{assistant, "Grok", "grok.com x.ai grok.x.com"},
	{assistant, "Meta AI", "meta.ai"},
	{assistant, "Mistral", "chat.mistral.ai"},
	{assistant, "Phind", "phind.com"},
	{assistant, "You.com", "you.com"},
	{assistant, "Poe", "poe.com"},
	{assistant, "Duck.ai", "duck.ai"},
	{assistant, "Kimi", "kimi.com kimi.ai kimi.moonshot.cn"},
	{assistant, "Qwen", "chat.qwen.ai qwen.ai tongyi.aliyun.com tongyi.com"},
	{assistant, "Doubao", "doubao.com"},
	{assistant, "Ernie", "yiyan.baidu.com"},
	{assistant, "Felo", "felo.ai"},
	{assistant, "iAsk", "iask.ai"},
	{assistant, "Andi", "andisearch.com"},
	{assistant, "Komo", "komo.ai"},
	{assistant, "Pi", "pi.ai"},
	{assistant, "Character.AI", "character.ai"},
	{assistant, "Devin", "devin.ai"},

	{search, "Kagi", "kagi.com"},
	{search, "Google", "com.google.android.googlequicksearchbox"},
	{search, "Startpage", "startpage.com"},
	{search, "Mojeek", "mojeek.com"},

	{social, "Hacker News", "news.ycombinator.com hckrnews.com hn.algolia.com hackerweb.app " +
		"io.github.hidroh.materialistic"},
	{social, "Lobsters", "lobste.rs"},
	{social, "GitHub", "github.com gist.github.com"},
	{social, "Discord", "discord.com discordapp.com com.discord"},
	{social, "Slack", "slack.com app.slack.com com.slack"},
	{social, "Telegram", "t.me web.telegram.org telegram.org org.telegram.messenger"},
	{social, "Microsoft Teams", "teams.microsoft.com teams.live.com statics.teams.cdn.office.net"},
	{social, "WhatsApp", "whatsapp.com web.whatsapp.com wa.me com.whatsapp"},
	{social, "Mastodon", "mastodon.social mstdn.social fosstodon.org hachyderm.io infosec.exchange"},
	{social, "Bluesky", "bsky.app staging.bsky.app"},
	{social, "Threads", "threads.net threads.com l.threads.net"},
	{social, "Lemmy", "lemmy.world lemmy.ml"},
	{social, "TikTok", "tiktok.com vm.tiktok.com"},
	{social, "Snapchat", "snapchat.com"},
	{social, "Pinterest", "pinterest.de pinterest.fr pinterest.co.uk pin.it com.pinterest"},
	{social, "Facebook", "fb.com messenger.com com.facebook.katana"},
	{social, "Instagram", "com.instagram.android"},
	{social, "Product Hunt", "producthunt.com"},
	{social, "dev.to", "dev.to"},

	{video, "YouTube", "youtube.com youtu.be m.youtube.com com.google.android.youtube"},
	{video, "Vimeo", "vimeo.com"},
	{video, "Twitch", "twitch.tv"},
	{video, "Dailymotion", "dailymotion.com"},
	{video, "Bilibili", "bilibili.com"},
	{video, "Odysee", "odysee.com"},

	{shopping, "Amazon", "amazon.com amazon.de amazon.co.uk amazon.fr amazon.it amazon.es " +
		"amazon.co.jp amazon.ca amazon.in amazon.com.au amazon.com.br"},
	{shopping, "eBay", "ebay.com ebay.de ebay.co.uk"},
	{shopping, "Etsy", "etsy.com"},
	{shopping, "Walmart", "walmart.com"},
	{shopping, "AliExpress", "aliexpress.com alibaba.com"},
	{shopping, "Shopify", "shop.app"},
	{shopping, "Google Shopping", "shopping.google.com"},

	{email, "Gmail", "mail.google.com com.google.android.gm"},
	{email, "Outlook", "outlook.live.com outlook.office.com outlook.office365.com outlook.com"},
	{email, "Proton Mail", "mail.proton.me"},
	{email, "Substack", "substack.com"},
}

// aliases are names that people write into utm_source for a source that has another.
var aliases = map[string]string{
	"adwords": "Google", "googleads": "Google", "google_ads": "Google", "google-ads": "Google",
	"fb": "Facebook", "ig": "Instagram", "insta": "Instagram", "x": "Twitter", "tw": "Twitter",
	"yt": "YouTube", "hn": "Hacker News", "hackernews": "Hacker News", "li": "LinkedIn",
	"openai": "ChatGPT", "bing_ads": "Bing", "bingads": "Bing", "ms-copilot": "Copilot",
	"gmail": "Gmail", "ddg": "DuckDuckGo", "producthunt": "Product Hunt",
}
