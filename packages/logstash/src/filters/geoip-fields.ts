// Which fields geoip makes, under which names, and where a MaxMind database has them. Source: GeoIP2 City and ASN database fields (MaxMind).
import type { Value } from '../values.ts'

export interface GeoField {
  /** As `fields` names it, and as it is called without ECS. */
  readonly name: string
  readonly ecs: string
  readonly path: readonly (string | number)[]
  readonly isFloat?: boolean
}

const field = (name: string, ecs: string, ...path: (string | number)[]): GeoField => ({ name, ecs, path })

export const geoFields: readonly GeoField[] = [
  field('ip', 'ip'),
  field('city_name', '[geo][city_name]', 'city', 'names', 'en'),
  field('continent_code', '[geo][continent_code]', 'continent', 'code'),
  field('continent_name', '[geo][continent_name]', 'continent', 'names', 'en'),
  field('country_code2', '[geo][country_iso_code]', 'country', 'iso_code'),
  field('country_code3', '[geo][country_code3]', 'country', 'iso_code'),
  field('country_name', '[geo][country_name]', 'country', 'names', 'en'),
  field('region_code', '[geo][region_code]', 'subdivisions', 0, 'iso_code'),
  field('region_name', '[geo][region_name]', 'subdivisions', 0, 'names', 'en'),
  field('postal_code', '[geo][postal_code]', 'postal', 'code'),
  field('dma_code', '[geo][dma_code]', 'location', 'metro_code'),
  field('timezone', '[geo][timezone]', 'location', 'time_zone'),
  { ...field('latitude', '[geo][location][lat]', 'location', 'latitude'), isFloat: true },
  { ...field('longitude', '[geo][location][lon]', 'location', 'longitude'), isFloat: true },
  field('location', '[geo][location]', 'location'),
  field('asn', '[as][number]', 'autonomous_system_number'),
  field('as_org', '[as][organization][name]', 'autonomous_system_organization'),
]

/** What a record of the database has for a field. */
export function readGeo(found: unknown, { name, path }: GeoField): Value | undefined {
  let value = found
  for (const key of path) value = childOf(value, key)
  if (name === 'location') {
    const lat = childOf(value, 'latitude')
    const lon = childOf(value, 'longitude')
    return typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : undefined
  }
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

function childOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
