package accesslog

// nginxNames are the variables of a log_format that say something we want.
var nginxNames = map[string]field{
	"remote_addr": address, "http_x_forwarded_for": forwarded, "proxy_add_x_forwarded_for": forwarded,
	"time_local": moment, "time_iso8601": moment, "msec": moment,
	"request": request, "request_method": method, "request_uri": target, "uri": target,
	"document_uri": target, "args": query, "query_string": query, "server_protocol": protocol,
	"status": status, "http_referer": referrer, "http_user_agent": agent, "scheme": scheme,
	"host": host, "http_host": host, "server_name": fallbackHost,
	"sent_http_content_type": contentType, "http_accept_language": language,
	"http_accept": accept, "http_accept_encoding": encoding, "http_sec_fetch_site": fetchSite,
	"http_sec_fetch_dest": fetchDest, "http_sec_purpose": purpose,
}

// apacheNames are the directives of a LogFormat, without those that have an argument.
var apacheNames = map[string]field{
	"h": address, "a": address, "r": request, "m": method, "U": target, "q": query, "H": protocol,
	"s": status, "v": fallbackHost, "V": host,
}

// headerNames are the headers of requests, folded.
var headerNames = map[string]field{
	"useragent": agent, "referer": referrer, "host": host, "xforwardedfor": forwarded,
	"acceptlanguage": language, "accept": accept, "acceptencoding": encoding,
	"secfetchsite": fetchSite, "secfetchdest": fetchDest, "secpurpose": purpose, "purpose": purpose,
	"secchua": hints, "secchuaplatform": platform, "secchuamobile": mobile,
}

// jsonNames are the fields of JSON lines and of the W3C's format, folded to small letters and digits:
// remote_addr, RemoteAddr and remote.addr are one. They are what nginx, Apache, Caddy, Traefik, Envoy,
// Cloudflare, CloudFront and Google's load balancer write.
var jsonNames = map[string]field{
	"remoteaddr": address, "remoteip": address, "clientip": address, "clienthost": address,
	"clientaddr": address, "clientaddress": address, "remotehost": address, "client": address,
	"ip": address, "cip": address, "downstreamremoteaddress": address, "remoteaddress": address,
	"xforwardedfor": forwarded, "httpxforwardedfor": forwarded, "csxforwardedfor": forwarded,
	"requestxforwardedfor": forwarded,

	"ts": moment, "time": moment, "timestamp": moment, "timelocal": moment, "timeiso8601": moment,
	"msec": moment, "starttime": moment, "startutc": moment, "edgestarttimestamp": moment,
	"datetime": moment, "date": date,

	"request": request, "requestline": request, "method": method, "requestmethod": method,
	"httpmethod": method, "verb": method, "clientrequestmethod": method, "csmethod": method,
	"uri": target, "requesturi": target, "url": target, "requesturl": target, "path": target,
	"requestpath": target, "clientrequesturi": target, "csuristem": target,
	"xenvoyoriginalpath": target,
	"args":               query, "querystring": query, "query": query, "csuriquery": query,

	"host": host, "httphost": host, "requesthost": host, "clientrequesthost": host,
	"authority": host, "xhostheader": host, "servername": fallbackHost, "vhost": fallbackHost,
	"virtualhost": fallbackHost, "domain": fallbackHost, "cshost": fallbackHost,
	"protocol": protocol, "serverprotocol": protocol, "proto": protocol, "requestprotocol": protocol,
	"httpversion": protocol, "clientrequestprotocol": protocol, "csprotocolversion": protocol,
	"csversion": protocol, "scheme": scheme, "clientrequestscheme": scheme, "requestscheme": scheme,

	"status": status, "statuscode": status, "responsestatus": status, "responsecode": status,
	"downstreamstatus": status, "edgeresponsestatus": status, "scstatus": status,
	"useragent": agent, "httpuseragent": agent, "requestuseragent": agent, "agent": agent,
	"clientrequestuseragent": agent, "csuseragent": agent,
	"referer": referrer, "referrer": referrer, "httpreferer": referrer, "httpreferrer": referrer,
	"requestreferer": referrer, "clientrequestreferer": referrer, "csreferer": referrer,
	"contenttype": contentType, "senthttpcontenttype": contentType, "sccontenttype": contentType,
	"edgeresponsecontenttype": contentType, "downstreamcontenttype": contentType,
	"responsecontenttype": contentType,
	"acceptlanguage":      language, "httpacceptlanguage": language, "requestacceptlanguage": language,
	"httpaccept": accept, "httpacceptencoding": encoding, "httpsecfetchsite": fetchSite,
	"httpsecfetchdest": fetchDest, "secpurpose": purpose,
}

// fold takes everything but letters and digits out of a name, and makes letters small.
func fold(name string) string {
	var b [64]byte
	return string(foldInto(b[:0], name))
}

func foldInto(b []byte, name string) []byte {
	for i := 0; i < len(name) && len(b) < cap(b); i++ {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			b = append(b, c|0x20)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b = append(b, c)
		}
	}
	return b
}
