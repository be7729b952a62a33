// Names that are asked for in place of a short one: resolv.conf(5).

export interface SearchPath {
  readonly domains: readonly string[]
  /** A name with so many dots is asked for as it is first. */
  readonly ndots: number
}

const maxDomains = 32

export function readSearchPath(resolvConf: string): SearchPath {
  let domains: readonly string[] = []
  let ndots = 1
  for (const line of resolvConf.split('\n')) {
    const [key, ...values] = line.trim().split(/\s+/)
    if (key === 'search' || key === 'domain') domains = values.slice(0, maxDomains)
    if (key !== 'options') continue
    for (const value of values) {
      const match = /^ndots:(\d{1,2})$/.exec(value)
      if (match !== null) ndots = Math.min(15, Number(match[1]))
    }
  }
  return { domains: domains.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== ''), ndots }
}

/** In their order. A name that ends in a dot is whole. */
export function namesToAsk(name: string, { domains, ndots }: SearchPath): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const longer = domains.map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...longer] : [...longer, name]
}
