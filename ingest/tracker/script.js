// The tracker: what a page sends about a view, and how long it was read. No cookie, no storage, no
// identifier. `go generate ./ingest/tracker` makes dist/ of it; see doc.go.
//
// <script defer src="https://stats.example.com/s.js" data-site="example.com" data-key="…"></script>
// data-api   where to send, if not /api/v1/t beside the script
// data-hash  the part behind # is part of the path
// data-dnt   nothing is sent for who asks not to be tracked
// data-manual  only analytics('view') counts views
(function (w, d) {
  var me = d.currentScript, at = me.dataset, l = w.location, n = w.navigator
  var waiting = w.analytics && w.analytics.q || []
  if (at.dnt != null && (n.doNotTrack == 1 || w.doNotTrack == 1 || n.globalPrivacyControl)) {
    w.analytics = function () {}
    return
  }
  var api = at.api || new URL('/api/v1/t', me.src).href
  var page // the address of the view that is read now
  var since, time, clicks, bottom, depth, sentDepth, sent // of that view
  // Of all that this document shows: since when it was seen, whether somebody touched it, whether the
  // server was told that nobody did, and whether no graphics card draws it.
  var shown, hands, still, drawn
  var desk = !/Mobi|Android|iPad/.test(n.userAgent), chrome = /Chrome\//.test(n.userAgent)
  var touches = ['pointermove', 'pointerdown', 'touchstart', 'wheel', 'keydown', 'click']

  // signals are what is odd about this browser, a letter each; the server knows their names.
  function signals() {
    var s = '', size = screen.width + 'x' + screen.height
    if (n.webdriver) s += 'w'
    if (/Headless/.test(n.userAgent)) s += 'h'
    if (!w.outerWidth || !w.outerHeight) s += 'z'
    if (desk) {
      if (/^(800x600|1024x768|1280x1200)$/.test(size) || w.outerWidth && w.outerWidth < w.innerWidth * .4) s += 'o'
      if (chrome && !n.plugins.length) s += 'p'
      // Browsers made of Chromium's engine alone have no such object, and say what they are before Chrome/.
      if (/\) Chrome\S+ Safari\S+$/.test(n.userAgent) && !w.chrome) s += 'c'
    }
    return s + (drawn ? 'g' : '')
  }

  // graphics looks whether the processor draws what a graphics card draws on desks of people. That takes
  // some milliseconds, so only when there is nothing else to do; what draws stays in the browser.
  function graphics() {
    try {
      var g = d.createElement('canvas').getContext('webgl'), x = g.getExtension('WEBGL_debug_renderer_info')
      drawn = /SwiftShader|llvmpipe|softpipe|Basic Render/.test(g.getParameter(x.UNMASKED_RENDERER_WEBGL))
      g.getExtension('WEBGL_lose_context').loseContext()
    } catch (e) {}
  }

  // touched notes that somebody is there. What a program in the page makes up is not trusted.
  function touched(e) {
    if (!e.isTrusted) return
    hands = 1
    touches.forEach(function (t) { removeEventListener(t, touched, true) })
  }

  // send tells the server. What a browser refuses to fetch goes as a beacon, with the same id.
  function send(e, more) {
    e.d = at.site
    e.k = at.key
    e.g = signals() + (more || '')
    e.i = Date.now().toString(36) + Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2)
    var body = JSON.stringify(e)
    function beacon() { n.sendBeacon && n.sendBeacon(api, body) }
    if (w.fetch && 'keepalive' in Request.prototype)
      fetch(api, { method: 'POST', body: body, keepalive: true, credentials: 'omit' }).catch(beacon)
    else beacon()
  }

  function address() {
    return at.hash != null ? l.origin + (l.pathname + l.hash).replace(/\/?#!?\/?/, '/') + l.search
      : l.href.split('#')[0]
  }

  // tick counts the time that is over, and begins the next if the page is seen and has the focus.
  function tick() {
    var now = performance.now()
    if (since != null) time += now - since
    since = null
    if (d.visibilityState != 'visible') return
    if (shown == null) shown = now
    if (d.hasFocus()) since = now
  }

  // measure is how far down the page was seen, in percent of the height it has now.
  function measure() {
    var e = d.documentElement, b = d.body || e
    bottom = Math.max(bottom, (w.scrollY || 0) + w.innerHeight)
    depth = Math.min(100, Math.round(bottom / Math.max(e.scrollHeight, e.offsetHeight, b.scrollHeight, b.offsetHeight, 1) * 100))
  }

  // leave tells how long the page was read, once there is something to tell.
  function leave() {
    if (!page) return
    tick()
    // Who was told that nobody touched the page is told when somebody has.
    if (sent && depth <= sentDepth && time < 3000 && !(still && hands)) return
    still = !hands && performance.now() - shown >= 1000 // seen for less, it says nothing
    send({ n: 'e', u: page, e: Math.round(time), s: depth, c: clicks }, still ? 'n' : '')
    sent = 1
    sentDepth = depth
    time = clicks = 0
  }

  function view(soft, url) {
    var from = page || d.referrer
    leave()
    page = url || address()
    since = null
    time = clicks = bottom = sentDepth = sent = 0
    tick()
    measure()
    // A page grows while it loads, and a script may show it later: the height is read again for 3 s.
    var again = 15, timer = setInterval(function () { measure(), --again || clearInterval(timer) }, 200)
    send({ n: 'v', u: page, r: from, t: d.title, w: screen.width + 'x' + screen.height, l: n.language, x: soft })
  }

  // moved counts a view when a script shows another page without loading one.
  function moved() { if (at.manual == null && page && address() != page) view(1) }

  function wrap(name) {
    var was = history[name]
    history[name] = function () {
      was.apply(this, arguments)
      moved()
    }
  }

  function clicked(e) {
    clicks++
    var a = e.target.closest && e.target.closest('a[href]')
    if (!a || !/^http/.test(a.protocol) || e.type == 'auxclick' && e.button != 1) return
    var name = /\.(pdf|docx?|xlsx?|pptx?|csv|txt|rtf|zip|rar|7z|gz|tgz|dmg|pkg|exe|msi|deb|rpm|apk|iso|mp[34]|wav|mov|avi|mkv|epub)$/i
      .test(a.pathname) ? 'file_download' : a.host != l.host ? 'outbound_click' : 'link_click'
    send({ n: 'c', u: page || address(), m: name, to: a.origin + a.pathname })
  }

  function run(what, name, props) {
    if (what == 'event') send({ n: 'c', u: page || address(), m: name, p: props })
    if (what == 'view') view(1, name)
  }

  function start() {
    wrap('pushState')
    wrap('replaceState')
    addEventListener('popstate', moved)
    addEventListener('hashchange', moved)
    addEventListener('scroll', measure, { passive: true })
    touches.forEach(function (t) { addEventListener(t, touched, { capture: true, passive: true }) })
    if (desk && chrome && w.requestIdleCallback) requestIdleCallback(graphics)
    addEventListener('click', clicked, true)
    addEventListener('auxclick', clicked, true)
    addEventListener('focus', tick)
    addEventListener('blur', leave)
    addEventListener('pagehide', leave)
    d.addEventListener('visibilitychange', function () { d.visibilityState == 'hidden' ? leave() : tick() })
    // A page that comes back whole from the back-forward cache is a view that nothing was loaded for.
    addEventListener('pageshow', function (e) { e.persisted && view(1) })
    if (at.manual == null) view(0)
    w.analytics = run
    waiting.forEach(function (a) { run.apply(w, a) })
  }

  w.analytics = function () { waiting.push(arguments) }
  if (d.prerendering) d.addEventListener('prerenderingchange', start, { once: true })
  else start()
})(window, document)
