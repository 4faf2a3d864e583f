package accesslog

import (
	"strings"
	"testing"

	"analytics/engine/fault"
)

func TestLayoutsOfServersAreUnderstood(t *testing.T) {
	f := func(layoutText, line string, want ...string) {
		t.Helper()
		out, sum := read(t, "nginx", layoutText, line)
		if sum.Views != 1 {
			t.Errorf("%s: got %+v", layoutText, sum)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: got %s, want %s in it", layoutText, out, w)
			}
		}
	}
	f(`$remote_addr [$time_iso8601] $host "$request_method $request_uri" $status $request_time "$http_user_agent"`,
		`203.0.113.9 [2025-11-21T10:00:00+01:00] a.example "GET /x?y=1" 200 0.003 "agent \"1\""`,
		`"timestamp":"2025-11-21T09:00:00Z"`, `"url":"//a.example/x?y=1"`, `"user_agent":"agent \"1\""`)
	f(`log_format main '$remote_addr - $remote_user [$time_local] "$request" '
	    '$status $body_bytes_sent "$http_referer" '
	    '"$http_user_agent" "$http_x_forwarded_for"';`,
		`10.0.0.1 - - [21/Nov/2025:10:00:00 +0100] "GET / HTTP/1.0" 200 5 "-" "a" "203.0.113.9"`,
		`"client_ip":"203.0.113.9"`, `"user_agent":"a"`)
	f(`log_format j escape=json '{"t":"$msec","ip":"$remote_addr","m":"$request_method","u":"$uri$is_args$args",'
	    '"s":$status,"a":"$http_user_agent"}';`,
		`{"t":"1763715600.250","ip":"203.0.113.9","m":"GET","u":"/\u00e9","s":200,"a":"x\/\ud83d\ude00"}`,
		`"timestamp":"2025-11-21T09:00:00.25Z"`, `/é`, `"user_agent":"x/😀"`)
	f(`%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %D`,
		`a.example:443 203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /p HTTP/1.1" 200 5 "https://x.example/" "b" 12`,
		`"url":"//a.example/p"`, `"referrer":"https://x.example/"`)
	f(`LogFormat "%a %{%Y-%m-%d}t %{%H:%M:%S}t \"%m %U%q %H\" %<s %{Host}i %{Accept-Language}i %%" named`,
		`203.0.113.9 2025-11-21 10:00:00 "GET /p?q HTTP/1.0" 200 a.example de,en;q=0.5 %`,
		`"timestamp":"2025-11-21T10:00:00Z"`, `"url":"//a.example/p?q"`, `"language":"de"`)
	f("vhost_combined", `a.example:80 203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /p HTTP/1.1" 200 5 "-" "b"`,
		`"url":"//a.example/p"`)
	f(`$msec|$remote_addr|$request|$status|$http_user_agent`, `1763715600.5|203.0.113.9|GET /p HTTP/2.0|200|My Browser 1`,
		`"user_agent":"My Browser 1"`)
	f(`$time_iso8601 $status $request_uri`, `2025-11-21T10:00:00+01:00 200 /no-method and more`, `"method":"GET"`,
		`"url":"//site.example/no-method"`)
	f("common", `203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /p HTTP/1.1" 200 5`, `"status_code":200`)
}

func TestLayoutsThatSayTooLittleAreRefused(t *testing.T) {
	f := func(from, layoutText, text string) {
		t.Helper()
		_, err := NewFormat(from, layoutText)
		if err == nil || fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v, want %s", layoutText, err, text)
		}
	}
	f("nginx", "words", "has no time")
	f("nginx", `$remote_addr "$request" $status`, "has no time; it needs $time_local")
	f("nginx", `[$time_local] $status`, "has no request")
	f("nginx", `[$time_local] "$request"`, "has no status")
	f("nginx", `$remote_addr$time_local`, "has nothing before $time_local")
	f("apache", `%h%t`, "has no status")
	f("apache", `%h%s%t`, "has nothing before %s")
	f("iis", "combined", "has no time; it needs timestamp, or date and time")
	f("cloudfront", "timestamp cs-uri-stem", "has no status; it needs sc-status")
	f("cloudfront", "date time sc-status", "has no request; it needs cs-uri-stem")
	f("haproxy", "combined", "--log-format is for nginx, apache")
	f("emacs", "", `there is no log format "emacs"; there are alb, apache, caddy`)
}

func TestFormatsThatNameTheHostSaySo(t *testing.T) {
	f := func(from, layoutText string, want bool) {
		t.Helper()
		format, err := NewFormat(from, layoutText)
		if err != nil {
			t.Fatal(err)
		}
		if got := format.Hosted(); got != want {
			t.Errorf("%s %s: got %v, want %v", from, layoutText, got, want)
		}
	}
	f("nginx", "", false)
	f("nginx", "vhost_combined", true)
	f("nginx", "combined", false)
	f("caddy", "", true)
	f("alb", "", true)
	f("cloudfront", "", true)
	f("cloudfront", "timestamp sc-status cs-uri-stem", false)
	f("cloudfront", "timestamp sc-status cs-uri-stem cs-host", true)
}

// TestColumnsCanBeNamed: CloudFront's real-time logs have the fields that somebody chose, and no line that says
// which.
func TestColumnsCanBeNamed(t *testing.T) {
	const names = "timestamp\tc-ip\ttime-to-first-byte\tsc-status\tcs-method\tcs-host\tcs-uri-stem\tx-host-header\t" +
		"cs-protocol-version\tcs-user-agent\tcs-referer\tcs-uri-query"
	const line = "1763719200.123\t203.0.113.9\t0.002\t200\tGET\td1.cloudfront.net\t/pricing?utm_campaign=x\t" +
		"shop.example\tHTTP/2.0\tMozilla/5.0%20(X11;%20Linux%20x86_64;%20rv:152.0)%20Gecko/20100101%20Firefox/152.0\t" +
		"https://www.bing.com/\tutm_campaign=x"
	for _, layoutText := range []string{names, "#Fields: " + strings.ReplaceAll(names, "\t", " "),
		strings.ReplaceAll(names, "\t", ",\n")} {
		out, sum := read(t, "cloudfront", layoutText, line+"\n"+line+"\n")
		if sum.Views != 2 || sum.Bad != 0 {
			t.Errorf("%s: %+v", layoutText, sum)
		}
		for _, want := range []string{`"timestamp":"2025-11-21T10:00:00.123Z"`, `"url":"//shop.example/pricing?utm_campaign=x"`,
			`"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"`,
			`"referrer":"https://www.bing.com/"`, `"client_ip":"203.0.113.9"`} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %s\nwant %s", layoutText, out, want)
			}
		}
	}
	// What a file says itself is more than what was said of it.
	out, sum := read(t, "w3c", "date time sc-status cs-uri-stem", "2025-11-21 10:00:00 200 /a\n"+
		"#Fields: time date cs-uri-stem sc-status cs-method\n10:00:01 2025-11-21 /b 200 GET\n")
	if sum.Views != 2 || !strings.Contains(out, `//site.example/a"`) || !strings.Contains(out, `//site.example/b"`) {
		t.Errorf("%+v\n%s", sum, out)
	}
	_, sum = read(t, "cloudfront", "", line)
	if len(sum.Errors) != 1 || !strings.Contains(sum.Errors[0].Message, "--log-format names them, as in 'timestamp") {
		t.Errorf("without names: %+v", sum)
	}
}
