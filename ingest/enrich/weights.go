package enrich

// Version of the rules and lists that classify. Events keep it as their classifier; a change of rules or
// lists is another version, so that events say by which they were judged and can be judged again. A
// test holds it.
const Version = "2"

// threshold is from how many points on a sender is a machine.
const threshold = 50

// doubt is the most that signals give: headers are odd for 1–2 in 100 people too, behind proxies
// and with privacy tools, so they convict nobody unless the path is odd as well.
const doubt = threshold - 1

// The reasons that are no signals, and what they count. The first five convict.
const (
	ListedAgent = "listed_agent" // is in a list of bots
	AttackTool  = "attack_tool"  // names a program for finding holes
	AgentForm   = "agent_form"   // is built unlike a browser's: no Mozilla/, a URL, an e-mail address
	AgentWords  = "agent_words"  // has words that bots use for themselves
	ProbePath   = "probe_path"   // asked for what no page links to, such as /.env
	MissingPath = "missing_path" // asked for an administration the site does not have
	AdminPath   = "admin_path"   // asked for an administration
	Flagged     = "flagged"      // fits a rule that a person set
)

// points is what each reason and signal counts.
var points = map[string]int{
	ListedAgent: 100, AttackTool: 100, ProbePath: 100, Flagged: 100,
	AgentForm: 90, AgentWords: 80, NoAgent: 80, MissingPath: 60, AdminPath: 20,

	Webdriver: 40, Headless: 40,
	AgentMismatch: 20,
	// A page without a beacon or any part fetched is what caches and blockers do too.
	NoSubresources: 15, NoAcceptLanguage: 15,
	NoAccept: 10, NoEncoding: 10, NoSecFetch: 10, NoClientHints: 10, HTTP10: 10, ZeroWindow: 10, OddScreen: 10,
	NoPlugins: 5,
}

// The purposes of bots.
const (
	ForSearch    = "search"
	ForAI        = "ai_crawler"   // gathers text for models
	ForAssistant = "ai_assistant" // fetches a page that somebody just asked a model about
	ForSEO       = "seo"
	ForMonitor   = "monitor"
	ForFeed      = "feed"
	ForPreview   = "preview"
	ForScanner   = "scanner"
	ForLibrary   = "library"
	ForOther     = "other"
)

// purposes are what the tags of the list of crawlers stand for.
var purposes = map[string]string{
	"search-engine": ForSearch, "ai-crawler": ForAI, "seo": ForSEO, "monitoring": ForMonitor,
	"feed-reader": ForFeed, "social-preview": ForPreview, "scanner": ForScanner,
	"http-library": ForLibrary,
}

// assistantNames are bots that come because a person asked; the list has them among AI crawlers,
// or not at all. Written by hand; no published list was copied.
var assistantNames = []string{
	"ChatGPT-User", "Claude-User", "Perplexity-User", "PerplexityUser", "MistralAI-User", "DuckAssistBot",
	"Gemini-Deep-Research", "Google-NotebookLM", "meta-externalfetcher", "Amzn-User", "kagi-fetcher",
	"Devin", "NovaAct", "Manus-User", "Google-Agent", "LinkupBot", "TavilyBot", "Google-Gemini-CLI", "Claude-Code",
}

// crawlerNames are AI crawlers that the list does not have.
var crawlerNames = []string{
	"Applebot-Extended", "FriendlyCrawler", "ICC-Crawler", "omgili", "PanguBot", "Diffbot", "VelenPublicWebCrawler",
	"Meta-ExternalAgent", "Timpibot", "Webzio-Extended", "YouBot", "cohere-ai", "Crawlspace", "SemrushBot-OCOB",
	"QuillBot", "Factset_spyderbot", "Sidetrade indexer bot",
}

// searchNames are search engines' bots that the list has among those of AI.
var searchNames = []string{"OAI-SearchBot", "Claude-SearchBot", "PerplexityBot", "Amzn-SearchBot", "AzureAI-SearchBot"}

// attackTools are programs whose user agent stands for an attack or a test of one, in lower case.
// Written by hand, no published list was copied; research scanners that say who they are, such as
// Censys, are known bots instead.
var attackTools = []string{
	"sqlmap", "nikto", "nmap scripting", "masscan", "zgrab", "nuclei", "wpscan", "dirbuster", "dirb/", "gobuster",
	"feroxbuster", "ffuf", "fuzz faster", "acunetix", "nessus", "openvas", "netsparker", "invicti", "arachni",
	"w3af", "havij", "(hydra)", "wfuzz", "joomscan", "jaeles", "skipfish", "zmeu", "morfeus", "l9explore",
	"l9tcpid", "burpcollaborator", "burp suite", "owasp zap", "zaproxy", "commix", "xsstrike", "dalfox", "whatweb",
	"cmsmap", "droopescan", "vulnscan", "jorgee", "hello, world", "jndi:ldap",
	"() { :;}", "webshag", "grendel-scan", "appscan", "qualys was", "httpx - open-source", "katana/", "hakrawler",
	"log4shell", "paros/", "webinspect", "siphon/", "absinthe", "bsqlbf", "sqlninja", "pangolin/",
}
