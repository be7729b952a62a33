// What a User-Agent header says of a browser, its system and its device. Read by its products (`Name/1.2`) and comments, without expressions that could
// be made to explode; names are those that uap-core gives, so that dashboards go on working.

export interface Agent {
  readonly name: string
  readonly version: string | undefined
  readonly os: string
  readonly osVersion: string | undefined
  readonly device: string
}

/** Headers are cut here; real ones are far shorter. */
const maxLength = 1024

/** Products by rank: a browser also names those that it wants to be taken for. */
const browsers: readonly (readonly [product: string, name: string, mobileName?: string])[] = [
  ['Googlebot', 'Googlebot'],
  ['bingbot', 'bingbot'],
  ['YandexBot', 'YandexBot'],
  ['DuckDuckBot', 'DuckDuckBot'],
  ['Baiduspider', 'Baiduspider'],
  ['AhrefsBot', 'AhrefsBot'],
  ['GPTBot', 'GPTBot'],
  ['ClaudeBot', 'ClaudeBot'],
  ['facebookexternalhit', 'FacebookBot'],
  ['EdgiOS', 'Edge Mobile'],
  ['EdgA', 'Edge Mobile'],
  ['Edg', 'Edge'],
  ['Edge', 'Edge'],
  ['OPiOS', 'Opera Mini'],
  ['OPR', 'Opera', 'Opera Mobile'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['Vivaldi', 'Vivaldi'],
  ['YaBrowser', 'Yandex Browser'],
  ['UCBrowser', 'UC Browser'],
  ['FxiOS', 'Firefox iOS'],
  ['CriOS', 'Chrome Mobile iOS'],
  ['HeadlessChrome', 'HeadlessChrome'],
  ['Electron', 'Electron'],
  ['Firefox', 'Firefox', 'Firefox Mobile'],
  ['Chromium', 'Chromium'],
  ['Chrome', 'Chrome', 'Chrome Mobile'],
  ['MSIE', 'IE'],
  ['Trident', 'IE'],
  ['curl', 'curl'],
  ['Wget', 'Wget'],
  ['python-requests', 'Python Requests'],
  ['aiohttp', 'Python aiohttp'],
  ['Go-http-client', 'Go-http-client'],
  ['okhttp', 'okhttp'],
  ['PostmanRuntime', 'PostmanRuntime'],
  ['axios', 'axios'],
  ['node-fetch', 'node-fetch'],
  ['Apache-HttpClient', 'Apache-HttpClient'],
  ['kube-probe', 'kube-probe'],
  ['Prometheus', 'Prometheus'],
]

const windowsVersions: Readonly<Record<string, string>> = {
  '10.0': '10',
  '6.3': '8.1',
  '6.2': '8',
  '6.1': '7',
  '6.0': 'Vista',
  '5.2': 'XP',
  '5.1': 'XP',
}

export function parseUserAgent(header: string): Agent {
  const text = header.slice(0, maxLength)
  const products = productsOf(text)
  const isMobile = products.has('Mobile') || text.includes(' Mobile')
  const { name, version } = browserOf(text, products, isMobile)
  const { os, osVersion } = systemOf(text)
  return { name, version, os, osVersion, device: deviceOf(text, name, os, isMobile) }
}

/** `Name/version` and `Name version` within comments, by name; the first of a name counts. */
function productsOf(text: string): Map<string, string | undefined> {
  const products = new Map<string, string | undefined>()
  for (const word of text.split(/[ ;,()]/)) {
    const slash = word.indexOf('/')
    const name = slash < 0 ? word : word.slice(0, slash)
    if (name !== '' && !products.has(name)) products.set(name, slash < 0 ? undefined : versionIn(word.slice(slash + 1)))
  }
  return products
}

const versionIn = (text: string): string | undefined => /^v?(\d[\w.-]*)/.exec(text)?.[1]

function browserOf(
  text: string,
  products: ReadonlyMap<string, string | undefined>,
  isMobile: boolean,
): Pick<Agent, 'name' | 'version'> {
  for (const [product, name, mobileName] of browsers) {
    if (!products.has(product)) continue
    if (name === 'IE') return { name, version: after(text, 'MSIE ') ?? after(text, 'rv:') }
    return { name: isMobile ? (mobileName ?? name) : name, version: products.get(product) }
  }
  if (products.has('Safari')) return { name: isMobile ? 'Mobile Safari' : 'Safari', version: products.get('Version') }
  for (const [product, version] of products)
    if (/(?:bot|spider|crawler)$/i.test(product)) return { name: product, version }
  const [first] = products
  return first === undefined || first[0] === 'Mozilla'
    ? { name: 'Other', version: undefined }
    : { name: first[0], version: first[1] }
}

/** The version that stands behind a word. */
function after(text: string, word: string): string | undefined {
  const at = text.indexOf(word)
  return at < 0
    ? undefined
    : /^\d[\d._]*/.exec(text.slice(at + word.length, at + word.length + 20))?.[0]?.replaceAll('_', '.')
}

function systemOf(text: string): Pick<Agent, 'os' | 'osVersion'> {
  const windows = after(text, 'Windows NT ')
  if (windows !== undefined) return { os: 'Windows', osVersion: windowsVersions[windows] ?? windows }
  if (text.includes('Windows')) return { os: 'Windows', osVersion: undefined }
  if (text.includes('Android')) return { os: 'Android', osVersion: after(text, 'Android ') }
  if (/iPhone|iPad|iPod/.test(text))
    return { os: 'iOS', osVersion: after(text, 'iPhone OS ') ?? after(text, 'CPU OS ') }
  if (text.includes('Mac OS X')) return { os: 'Mac OS X', osVersion: after(text, 'Mac OS X ') }
  if (text.includes('CrOS')) return { os: 'Chrome OS', osVersion: /CrOS \w+ ([\d.]+)/.exec(text)?.[1] }
  for (const name of ['Ubuntu', 'Debian', 'Fedora', 'FreeBSD', 'OpenBSD'])
    if (text.includes(name)) return { os: name, osVersion: after(text, `${name}/`) }
  return { os: /Linux|X11/.test(text) ? 'Linux' : 'Other', osVersion: undefined }
}

function deviceOf(text: string, name: string, os: string, isMobile: boolean): string {
  if (/bot|spider|crawler|externalhit/i.test(name)) return 'Spider'
  for (const apple of ['iPhone', 'iPad', 'iPod']) if (text.includes(apple)) return apple
  if (os === 'Mac OS X') return 'Mac'
  const build = text.indexOf(' Build/')
  const model =
    build < 0
      ? /Android [\d.]+; ([^;)]{1,60})/.exec(text)?.[1]
      : text.slice(text.lastIndexOf(';', build) + 1, build).trim()
  if (os === 'Android' && model !== undefined && model !== 'K') return model
  return os === 'Android' ? (isMobile ? 'Generic Smartphone' : 'Generic Tablet') : 'Other'
}
