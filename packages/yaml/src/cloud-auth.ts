// How requests are signed for the clouds: AWS, Azure, Google. Checked as Prometheus checks them.
import { field, optional, StructForm } from './form.ts'
import type { Complain } from './place.ts'
import { fileName, oneOf, secret, text, truth } from './scalars.ts'

export const sigv4 = new StructForm(
  {
    region: field(text),
    access_key: field(text),
    secret_key: field(secret),
    profile: field(text),
    role_arn: field(text),
    external_id: field(text),
    use_fips_sts_endpoint: field(truth),
    service_name: field(text),
  },
  {
    check(config, complain) {
      if ((config.access_key === '') !== (config.secret_key === ''))
        complain(config.access_key === '' ? 'secret_key' : 'access_key', 'access_key and secret_key belong together.')
    },
  },
)

const uuid = /^(?:urn:uuid:)?\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i
const tenant = /^[0-9a-zA-Z.-]+$/

function checkUuid(value: string, complain: Complain): void {
  if (value !== '' && !uuid.test(value)) complain('client_id', 'this is no UUID.')
}

function checkTenant(value: string, complain: Complain): void {
  if (value !== '' && !tenant.test(value)) complain('tenant_id', 'letters, digits, - and . are allowed.')
}

const managedIdentity = new StructForm(
  { client_id: field(text) },
  { check: (config, complain) => checkUuid(config.client_id, complain) },
)

const azureOauth = new StructForm(
  { client_id: field(text), client_secret: field(secret), tenant_id: field(text) },
  {
    check(config, complain) {
      for (const key of ['client_id', 'client_secret', 'tenant_id'] as const)
        if (config[key] === '') complain(key, 'missing.')
      checkUuid(config.client_id, complain)
      checkTenant(config.tenant_id, complain)
    },
  },
)

const azureSdk = new StructForm(
  { tenant_id: field(text) },
  { check: (config, complain) => checkTenant(config.tenant_id, complain) },
)

const clouds = ['AzureChina', 'AzureGovernment', 'AzurePublic']

export const azureAd = new StructForm(
  {
    managed_identity: field(optional(managedIdentity)),
    oauth: field(optional(azureOauth)),
    sdk: field(optional(azureSdk)),
    cloud: field(oneOf('cloud of Azure', clouds), { initial: () => 'AzurePublic' }),
  },
  {
    check(config, complain) {
      const given = (['managed_identity', 'oauth', 'sdk'] as const).filter((way) => config[way] !== undefined)
      if (given.length === 0) complain('', 'needs managed_identity, oauth or sdk.')
      if (given.length > 1) complain(given[1] as string, `cannot stand beside ${given[0]}.`, 'Keep one of them.')
    },
  },
)

export const googleIam = new StructForm({ credentials_file: field(fileName) })

const ways = ['basic_auth', 'authorization', 'oauth2', 'sigv4', 'azuread', 'google_iam'] as const

/** A request is signed in one way. */
export function checkCloudAuth(
  config: Readonly<Partial<Record<(typeof ways)[number], unknown>>>,
  complain: Complain,
): void {
  const given = ways.filter((way) => config[way] !== undefined)
  const last = given.at(-1)
  if (given.length > 1 && last !== undefined && ways.indexOf(last) > 2)
    complain(last, `cannot stand beside ${given[0]}.`, 'Keep one of them.')
}
