// useragent: browser, system and device out of a User-Agent header.
import type { LogEvent } from '../event.ts'
import { fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'
import { type Agent, parseUserAgent } from '../user-agent.ts'
import { isMap, textOf, type Value } from '../values.ts'

/** Headers repeat: the last ones are kept read. */
const maxKept = 1000

export const useragent: FilterDefinition = {
  name: 'useragent',
  compile(settings, context): Filter {
    settings.requiredText('source')
    const source = settings.field('source', 'agent')
    const isEcs = ecsOf(settings, context) !== 'disabled'
    const target = settings.optionalText('target') ?? (isEcs ? 'user_agent' : '')
    const prefix = settings.text('prefix', '')
    settings.allow('regexes', 'lru_cache_size')
    const failureTags = settings.texts('tag_on_failure', ['_useragentparsefailure'])
    const kept = new Map<string, Agent>()
    const root = target === '' || target.startsWith('[') ? target : `[${target}]`
    return {
      failureTags,
      run(event) {
        const value = event.get(source)
        const first = Array.isArray(value) ? value[0] : value
        if (first === undefined || first === null || first === '' || isMap(first)) return false
        const header = textOf(first)
        const agent = kept.get(header) ?? parseUserAgent(header)
        if (kept.size >= maxKept) kept.clear()
        kept.set(header, agent)
        if (target !== '' && !isMap(event.get(fieldPath(root)) ?? null)) event.remove(fieldPath(root))
        const fields = isEcs ? ecsFields(agent, header) : plainFields(agent, prefix)
        store(event, root, fields)
        return true
      },
    }
  },
}

type Fields = readonly (readonly [string, Value | undefined])[]

function store(event: LogEvent, root: string, fields: Fields): void {
  for (const [path, value] of fields) if (value !== undefined) event.set(fieldPath(root + path), value)
}

const osFull = ({ os, osVersion }: Agent): string => (osVersion === undefined ? os : `${os} ${osVersion}`)

function ecsFields(agent: Agent, header: string): Fields {
  return [
    ['[original]', header],
    ['[name]', agent.name],
    ['[version]', agent.version],
    ['[os][name]', agent.os],
    ['[os][version]', agent.osVersion],
    ['[os][full]', agent.osVersion === undefined ? undefined : osFull(agent)],
    ['[device][name]', agent.device],
  ]
}

function plainFields(agent: Agent, prefix: string): Fields {
  const [major, minor, patch] = agent.version?.split('.') ?? []
  const [osMajor, osMinor, osPatch] = agent.osVersion?.split('.') ?? []
  return Object.entries({
    ...{ name: agent.name, version: agent.version, major, minor, patch, os: agent.os, os_name: agent.os },
    ...{ os_version: agent.osVersion, os_major: osMajor, os_minor: osMinor, os_patch: osPatch, os_full: osFull(agent) },
    device: agent.device,
  }).map(([name, value]) => [`[${prefix}${name}]`, value] as const)
}
