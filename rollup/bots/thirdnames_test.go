package bots_test

// Names of machines that say what they are, as their operators publish them or most logs have them, and
// what scanners ask for.

// crawlersByName are of search engines and of those that map the web. The last two are on nobody's list and give
// an address, as is asked of crawlers.
var crawlersByName = []string{
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/153.0.7444.59 Mobile Safari/537.36 (compatible; Googlebot/2.1; " +
		"+http://www.google.com/bot.html)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; " +
		"+http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36",
	"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
	"DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
	"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
	"Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
	"Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 " +
		"(compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
	"Mozilla/5.0 (compatible; Qwantify-prod/2.0; +https://help.qwant.com/bot/)",
	"Mozilla/5.0 (compatible; SeznamBot/4.0; " +
		"+https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/)",
	"CensysInspect/1.1 (+https://about.censys.io/)",
	"Mozilla/5.0 (compatible; NetcraftSurveyAgent/1.0; +info@netcraft.com)",
	"Mozilla/5.0 (compatible; intelx.io_bot +https://intelx.io)",
	"Expanse, a Palo Alto Networks company, searches across the global IPv4 space",
	"harbour-indexer/0.3 (+https://harbour.example/bot; bot@harbour.example)",
	"LibraryOfSmallTowns/2.1 (contact: web@smalltowns.example)",
}

// toolsByName are what libraries and tools call themselves.
var toolsByName = []string{
	"curl/8.5.0", "curl/7.88.1", "curl/8.14.1", "Wget/1.21.4", "python-requests/2.32.3",
	"python-requests/2.28.1", "Python-urllib/3.12", "Python/3.11 aiohttp/3.9.5", "python-httpx/0.27.2",
	"Go-http-client/2.0", "Go-http-client/1.1", "axios/1.7.9",
	"node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node", "undici", "okhttp/4.12.0", "Java/17.0.12",
	"Apache-HttpClient/4.5.14 (Java/17.0.9)", "libwww-perl/6.72", "PostmanRuntime/7.43.0", "GuzzleHttp/7",
	"HTTPie/3.2.4", "Scrapy/2.11.2 (+https://scrapy.org)", "Ruby", "Dart/3.5 (dart:io)", "reqwest/0.12.9",
	"Faraday v2.12.0", "Wget/1.24.5 (linux-gnu)", "colly - https://github.com/gocolly/colly/v2",
	"lwp-request/6.72",
}

// auditors look at links and at how a page would rank.
var auditors = []string{
	"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
	"Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
	"Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
	"Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
	"Mozilla/5.0 (compatible; DataForSeoBot/1.0; +https://dataforseo.com/dataforseo-bot)",
	"Screaming Frog SEO Spider/21.4",
	"Mozilla/5.0 (compatible; BLEXBot/1.0; +https://help.seranking.com/en/blex-crawler)",
	"Mozilla/5.0 (compatible; SERankingBacklinksBot/1.0; +https://seranking.com/backlinks-crawler)",
	"Mozilla/5.0 (compatible; AhrefsSiteAudit/6.1; +http://ahrefs.com/robot/site-audit)",
	"serpstatbot/2.1 (advanced backlink tracking bot; https://serpstatbot.com/; abuse@serpstatbot.com)",
	"Mozilla/5.0 (compatible; Barkrowler/0.9; +https://babbar.tech/crawler)", "Sitebulb/8.6",
	"Mozilla/5.0 (compatible; SiteAuditBot/0.97; +http://www.semrush.com/bot.html)",
	"rogerbot/1.2 (https://moz.com/help/guides/moz-procedures/what-is-rogerbot, " +
		"rogerbot-crawler+pr@moz.com)",
}

// modelCrawlers fetch for models, to train them or to answer.
var modelCrawlers = []string{
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; " +
		"+https://openai.com/gptbot)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; " +
		"+https://openai.com/bot",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/131.0.0.0 Safari/537.36; compatible; OAI-SearchBot/1.3; +https://openai.com/searchbot",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; " +
		"+claudebot@anthropic.com)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; " +
		"+Claude-User@anthropic.com)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; " +
		"+https://perplexity.ai/perplexitybot)",
	"CCBot/2.0 (https://commoncrawl.org/faq/)",
	"meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
	"Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 " +
		"(compatible; Bytespider; spider-feedback@bytedance.com)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; " +
		"+https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MistralAI-User/1.0; " +
		"+https://docs.mistral.ai/robots)",
	"cohere-ai", "Mozilla/5.0 (compatible; YouBot/1.0; +https://about.you.com/youbot/)",
	"Diffbot/0.1 (+http://www.diffbot.com)", "Google-CloudVertexBot",
	"Mozilla/5.0 (compatible; Timpibot/0.8; +http://www.timpi.io)",
	"Mozilla/5.0 (compatible; DuckAssistBot/1.2; +http://duckduckgo.com/duckassistbot.html)",
}

// previewers show what is behind a link that somebody sent.
var previewers = []string{
	"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Twitterbot/1.0",
	"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
	"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "TelegramBot (like TwitterBot)",
	"WhatsApp/2.23.20.0", "WhatsApp/2.2587.9 W",
	"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) " +
		"Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
	"Mastodon/4.4.3 (http.rb/5.3.1; +https://mastodon.social/)",
	"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
	"Iframely/1.3.1 (+https://iframely.com/docs/about)", "Synapse (bot; +https://github.com/matrix-org/synapse)",
	"Pinterestbot/1.0 (+http://www.pinterest.com/bot.html)", "Bluesky Cardyb/1.1; +mailto:support@bsky.app",
}

// watchers look whether a site is there.
var watchers = []string{
	"Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
	"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
	"Better Stack Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 " +
		"(KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.102 " +
		"Safari/537.36 (StatusCake)",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 " +
		"DatadogSynthetics",
	"StatusCake_Pagespeed_Indev", "Site24x7", "Uptime-Kuma/1.23.16",
	"Mozilla/5.0 (compatible; HetrixTools Uptime Monitoring Bot. " +
		"https://hetrix.tools/uptime-monitoring-bot.html)",
	"Datadog/Synthetics", "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
	"Blackbox Exporter/0.25.0", "Amazon-Route53-Health-Check-Service (ref 1b2c; report http://amzn.to/1vsZADi)",
	"check_http/v2.3.3 (monitoring-plugins 2.3.3)", "ELB-HealthChecker/2.0",
	"Checkly/1.0 (https://www.checklyhq.com)", "updown.io daemon 2.11", "Zabbix 7.0.5",
	"Freshping/1.0 (+https://www.freshworks.com)",
}

// feedFetchers fetch feeds, and tell for how many.
var feedFetchers = []string{
	"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers)", "Feedbin feed-id:13622 - 3 subscribers",
	"NewsBlur Feed Fetcher - 12 subscribers - https://www.newsblur.com/site/1",
	"Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 9 subscribers; )",
	"FreshRSS/1.26.3 (Linux; https://freshrss.org)",
	"Mozilla/5.0 (compatible; Miniflux/2.2.9; +https://miniflux.app)",
	"Tiny Tiny RSS/24.06 (https://tt-rss.org/)", "NetNewsWire (RSS Reader; https://netnewswire.com/)",
	"Vienna/3.9.5 (macOS)", "NextCloud-News/1.0", "theoldreader.com feed-id=1 (2 subscribers)",
	"Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 5 subscribers)",
	"UniversalFeedParser/6.0.11 +https://github.com/kurtmckee/feedparser/",
	"Liferea/1.15.8 (Linux; https://lzone.de/liferea/) AppleWebKit (KHTML, like Gecko)",
	"Readwise/1.0 (+https://readwise.io)", "CommaFeed/5.10.0 (https://github.com/Athou/commafeed)",
}

// weakSpots are what scanners ask for, from reports of honeypots (SANS ISC, GreyNoise) and the lists that come
// with their tools: products as well as files that somebody forgot.
var weakSpots = []string{
	"/.env", "/.env.production", "/.env.bak", "/api/.env", "/laravel/.env", "/.git/config", "/.git/HEAD",
	"/.aws/credentials", "/wp-login.php", "/xmlrpc.php", "/wp-includes/wlwmanifest.xml",
	"/blog/wp-includes/wlwmanifest.xml", "/wp-content/plugins/hellopress/wp_filemanager.php",
	"/wp-admin/setup-config.php", "/wp-json/wp/v2/users", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
	"/phpmyadmin/index.php", "/pma/", "/adminer.php", "/phpinfo.php", "/info.php", "/test.php", "/config.json",
	"/config.php.bak", "/backup.zip", "/dump.sql", "/db.sql", "/.DS_Store", "/.vscode/sftp.json",
	"/server-status", "/actuator/health", "/actuator/env", "/_ignition/execute-solution",
	"/cgi-bin/luci/;stok=/locale", "/boaform/admin/formLogin", "/HNAP1/", "/GponForm/diag_Form?images/",
	"/owa/auth/logon.aspx", "/autodiscover/autodiscover.json",
	"/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application", "/remote/login",
	"/+CSCOE+/logon.html", "/dana-na/auth/url_default/welcome.cgi", "/global-protect/login.esp",
	"/sslvpn_logon.shtml", "/solr/admin/info/system", "/jenkins/login", "/manager/html", "/console/",
	"/api/v1/pods", "/v2/_catalog", "/telescope/requests", "/debug/default/view", "/.well-known/security.txt",
	"/login.action", "/geoserver/web/", "/nmaplowercheck1700000000", "/evox/about", "/sdk", "/ReportServer",
	"/shell.php", "/alfa.php", "/about.php", "/1.php", "/radio.php",
}

// guesses are what tools that guess folders begin with, where nothing speaks of an attack.
var guesses = []string{
	"/admin", "/login", "/backup", "/old", "/test", "/dev", "/staging", "/api", "/images", "/uploads", "/files",
	"/private", "/secret", "/data", "/tmp", "/logs", "/config", "/include", "/js", "/css", "/media", "/portal",
	"/user", "/account", "/download", "/archive", "/internal", "/beta", "/new", "/shop",
}
