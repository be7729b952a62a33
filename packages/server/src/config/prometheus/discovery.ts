// Where targets come from: the kinds of discovery that are supported, and the names of those that are not.
import { field, list, record, StructForm } from '@tidewatch/yaml/form.ts'
import { checkHttp, httpFields } from '@tidewatch/yaml/http-client.ts'
import { checkedText, duration, fileName, integer, labelNameFault, labelValue, text } from '@tidewatch/yaml/scalars.ts'
import { urlFault, urlParts } from '@tidewatch/yaml/url.ts'

/** Discoveries of Prometheus that Tidewatch has not. */
const missingKinds = [
  'aws',
  'azure',
  'consul',
  'digitalocean',
  'docker',
  'dockerswarm',
  'ec2',
  'ecs',
  'elasticache',
  'eureka',
  'gce',
  'hetzner',
  'ionos',
  'kubernetes',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'msk',
  'nerve',
  'nomad',
  'openstack',
  'outscale',
  'ovhcloud',
  'puppetdb',
  'rds',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
]

const advice = 'List the targets in static_configs, or let them be written into a file for file_sd_configs.'
export const missingDiscoveries: ReadonlyMap<string, string> = new Map(
  missingKinds.map((kind) => [`${kind}_sd_configs`, advice]),
)

const labels = record(labelValue, labelNameFault)

const targetGroup = new StructForm({
  targets: field(list(text), { always: true }),
  labels: field(labels),
})

const targetFile = checkedText((name) =>
  /^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml|JSON|YML|YAML)$/.test(name)
    ? undefined
    : `${JSON.stringify(name)} is not a file name for targets. It ends in .json, .yml or .yaml; one * may stand in its last part.`,
)

const fileDiscovery = new StructForm(
  {
    files: field(list({ ...targetFile, print: fileName.print }), { always: true }),
    refresh_interval: field(duration, { initial: () => 300_000 }),
  },
  {
    check(config, complain) {
      if ((config.files ?? []).length === 0) complain('files', 'names no file.', 'Name at least one.')
    },
  },
)

const recordTypes = ['SRV', 'A', 'AAAA', 'MX', 'NS']

const dnsDiscovery = new StructForm(
  {
    names: field(list(text), { always: true }),
    refresh_interval: field(duration, { initial: () => 30_000 }),
    type: field(text, { always: true, initial: () => 'SRV' }),
    port: field(integer, { always: true }),
  },
  {
    check(config, complain) {
      if ((config.names ?? []).length === 0) complain('names', 'names nothing to ask for.', 'Name at least one.')
      const type = config.type.toUpperCase()
      if (!recordTypes.includes(type))
        complain('type', `${JSON.stringify(config.type)} is no type of record. Allowed: ${recordTypes.join(', ')}.`)
      else if (type !== 'SRV' && config.port === 0)
        complain('port', `missing; only SRV records bring a port of their own.`)
    },
  },
)

const httpDiscovery = new StructForm(
  {
    ...httpFields,
    refresh_interval: field(duration, { initial: () => 60_000 }),
    url: field(text, { always: true }),
  },
  {
    check(config, complain) {
      checkHttp(config, complain)
      const fault = config.url === '' ? 'is missing' : urlFault(config.url)
      const { scheme, host } = urlParts(config.url)
      if (fault !== undefined) complain('url', `the URL to ask for targets: ${fault}.`)
      else if (scheme !== 'http' && scheme !== 'https')
        complain('url', 'the URL begins with neither http:// nor https://.')
      else if (host === '') complain('url', 'the URL has no host.')
    },
  },
)

const emptySection = (kind: string): { readonly nullItem: string } => ({ nullItem: `this part of ${kind} is empty.` })

export const discoveryFields = {
  dns_sd_configs: field(list(dnsDiscovery, emptySection('dns_sd_configs'))),
  file_sd_configs: field(list(fileDiscovery, emptySection('file_sd_configs'))),
  http_sd_configs: field(list(httpDiscovery, emptySection('http_sd_configs'))),
  static_configs: field(list(targetGroup, emptySection('static_configs'))),
}

interface WithTargets {
  readonly relabel_configs: readonly unknown[] | undefined
  readonly static_configs: readonly { readonly targets: readonly string[] | undefined }[] | undefined
}

/** The first target that is a URL; relabelling may make a host of it, so only without it. */
export function targetWithPath(config: WithTargets): string | undefined {
  if ((config.relabel_configs ?? []).length > 0) return undefined
  return config.static_configs?.flatMap(({ targets }) => targets ?? []).find((target) => target.includes('/'))
}
