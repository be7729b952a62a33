// geoip: where an address is, from a MaxMind database that is handed in as bytes.
import { isIP } from 'node:net'
import { Reader } from 'mmdb-lib'
import { fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterContext, type FilterDefinition } from '../filter.ts'
import type { Settings } from '../settings.ts'
import { floatOf, isMap, textOf, type Value, type ValueMap } from '../values.ts'
import { type GeoField, geoFields, readGeo } from './geoip-fields.ts'

type Lookup = (address: string) => unknown

export const geoip: FilterDefinition = {
  name: 'geoip',
  compile(settings, context): Filter {
    settings.requiredText('source')
    const source = settings.field('source', 'clientip')
    const isEcs = ecsOf(settings, context) !== 'disabled'
    const target = settings.field('target', 'geoip')
    if (isEcs && !settings.has('target'))
      settings.complain('geoip needs target here', 'Write target => "client".', 'target')
    const lookup = databaseOf(settings, context)
    const names = settings.texts('fields')
    for (const name of names)
      if (!geoFields.some((field) => field.name === name.toLowerCase()))
        settings.complain(
          `"${name}" is no field of geoip`,
          `Write some of ${geoFields.map((field) => field.name).join(', ')}.`,
          'fields',
        )
    const wanted = geoFields.filter(
      (field) => names.length === 0 || names.some((name) => name.toLowerCase() === field.name),
    )
    const failureTags = settings.texts('tag_on_failure', ['_geoip_lookup_failure'])
    settings.allow('default_database_type', 'cache_size')
    return {
      failureTags,
      run(event) {
        const value = event.get(source)
        const first = Array.isArray(value) ? value[0] : value
        if (first === undefined || first === null || isMap(first)) return false
        const address = textOf(first).trim()
        const found = isIP(address) === 0 ? undefined : lookup(address)
        const fields = found === undefined || found === null ? {} : fieldsOf(found, address, wanted, isEcs)
        if (Object.keys(fields).length > 0) {
          const former = event.get(target)
          event.set(target, former !== undefined && isMap(former) ? { ...former, ...fields } : fields)
          return true
        }
        for (const tag of failureTags) event.tag(tag)
        return false
      },
    }
  },
}

function databaseOf(settings: Settings, { files }: FilterContext): Lookup {
  const path = settings.optionalText('database')
  const bytes = path === undefined ? undefined : files.bytes(path)
  if (bytes === undefined) {
    const what = path === undefined ? 'geoip needs a database' : `${path} is not there`
    settings.complain(what, 'Write database => "/path/GeoLite2-City.mmdb".', 'database')
    return () => undefined
  }
  try {
    const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return (address) => reader.get(address)
  } catch (error) {
    settings.complain(
      `${path} is no MaxMind database: ${error instanceof Error ? error.message : String(error)}`,
      'Name an .mmdb file.',
      'database',
    )
    return () => undefined
  }
}

function fieldsOf(found: unknown, address: string, wanted: readonly GeoField[], isEcs: boolean): ValueMap {
  const result: ValueMap = {}
  const set = (path: string, value: Value): void => {
    const keys = fieldPath(path).keys
    let map = result
    for (const key of keys.slice(0, -1)) {
      const next = map[key]
      const inner: ValueMap = next !== undefined && isMap(next) ? next : {}
      map[key] = inner
      map = inner
    }
    map[keys[keys.length - 1] as string] = value
  }
  for (const field of wanted) {
    const value = field.name === 'ip' ? address : readGeo(found, field)
    if (value !== undefined)
      set(isEcs ? field.ecs : field.name, typeof value === 'number' && field.isFloat ? floatOf(value) : value)
  }
  // an address of which only itself is known was not found
  return Object.keys(result).length > 1 || wanted.length === 1 ? result : {}
}
