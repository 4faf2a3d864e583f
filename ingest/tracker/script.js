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
  // Of all that this document shows: since when it was seen, whether somebody touched it, whether a mouse
  // was pressed after it went there, or without, what the server was told of that, and whether no
  // graphics card draws it.
  var shown, hands, went, jumped, told, drawn
  var moves = 0, press = {} // of a mouse, since it was pressed last, and that
  var first // the first view, which waits for the browser to have time
  var size = screen.width + 'x' + screen.height
  var desk = !/Mobi|Android|iPad/.test(n.userAgent), chrome = /Chrome\//.test(n.userAgent)

  // signals are what is odd about this browser, a letter each; the server knows their names.
  function signals() {
    var s = ''
    if (n.webdriver) s += 'w'
    if (!w.outerWidth || !w.outerHeight) s += 'z'
    if (desk) {
      if (/^(800x600|1024x768|1280x1200)$/.test(size)) s += 'o'
      if (chrome) {
        if (!n.plugins.length) s += 'p'
        // A window is higher than its page, also where that is made smaller or something stands beside it.
        if (w.outerHeight <= w.innerHeight * Math.min(1, w.outerWidth / w.innerWidth) &&
          !matchMedia('(display-mode:fullscreen)').matches) s += 'f'
        // Browsers made of Chromium's engine alone have no such object, and say what they are before Chrome/.
        if (/\) Chrome\S+ Safari\S+$/.test(n.userAgent) && !w.chrome) s += 'c'
      }
    }
    return s + (drawn ? 'g' : '')
  }

  // graphics looks whether the processor draws what a graphics card draws on desks of people. That takes
  // some milliseconds, so only when there is nothing else to do; what draws stays in the browser.
  function graphics() {
    try {
      var g = d.createElement('canvas').getContext('webgl'), x = g.getExtension('WEBGL_debug_renderer_info')
      drawn = /SwiftShader|llvmpipe|Basic Render/.test(g.getParameter(x.UNMASKED_RENDERER_WEBGL))
      g.getExtension('WEBGL_lose_context').loseContext()
    } catch (e) {}
  }

  // touched notes that somebody is there. What a program in the page makes up is not trusted.
  function touched(e) {
    if (!e.isTrusted) return
    hands = 1
    if (e.pointerType != 'mouse') return
    if (e.type != 'pointerdown') return moves++
    if (moves > 3) went = 1
    else if (!(Math.hypot(e.x - press.x, e.y - press.y) < 9)) jumped = 1 // or it is the first press
    moves = 0
    press = e
  }

  // tell sends the first view, once it is known what there is to say of the browser.
  function tell() {
    if (first) send(first)
    first = 0
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
    tell()
    tick()
    // n is nobody there, for a second or more; j a mouse that is pressed here and there and never goes there.
    var now = hands ? jumped && !went ? 'j' : '' : performance.now() - shown >= 1000 ? 'n' : ''
    if (sent && depth <= sentDepth && time < 3000 && (!told || now == told)) return
    send({ n: 'e', u: page, e: Math.round(time), s: depth, c: clicks }, told = now)
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
    first = { n: 'v', u: page, r: from, t: d.title, w: size, l: n.language, x: soft }
    if (soft || !idle()) tell()
  }

  // idle has graphics looked at when the browser has time, or after two seconds, and the view told then.
  function idle() {
    return desk && chrome && w.requestIdleCallback && requestIdleCallback(function () {
      graphics()
      tell()
    }, { timeout: 2000 })
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
    'pointermove pointerdown touchstart wheel keydown click'.split(' ').forEach(function (t) {
      addEventListener(t, touched, { capture: true, passive: true })
    })
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
