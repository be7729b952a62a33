import { expect, it } from 'vitest'
import { channelForm } from './channel-fields.ts'
import { channelYaml, formProblem, variableName } from './channel-yaml.ts'

const plain = { type: ['string', 'number', 'boolean'] }
const options = {
  type: 'object',
  required: ['topic'],
  properties: {
    url: { default: 'https://ntfy.sh', title: 'Server', type: 'string' },
    title: { format: 'go-template', ...plain },
    topic: { format: 'go-template', title: 'Topic', ...plain },
    token: { title: 'Access token', help: 'ntfy → Account', writeOnly: true, anyOf: [{ type: 'string' }, {}] },
    tags: { anyOf: [{ type: 'array', items: plain }, plain] },
    priority: { title: 'Priority', type: 'integer' },
    html: { title: 'As HTML', type: 'boolean', default: false },
    mode: { title: 'Mode', enum: ['sms', 'voice'], default: 'sms', type: 'string' },
    http_config: { title: 'HTTP client', type: 'object', properties: {} },
    fields: { type: 'array', items: { type: 'object', properties: {} } },
  },
}
const { fields, byHand } = channelForm({ options })

it('makes a field of each option that a person can type, those that matter first', () => {
  expect(fields.map(({ name, kind, rare }) => `${name} ${kind}${rare ? ' rare' : ''}`)).toEqual([
    ...['url text', 'topic template', 'token secret', 'priority number', 'html truth', 'mode choice'],
    ...['title template rare', 'tags list rare'],
  ])
  expect(byHand).toEqual(['http_config', 'fields'])
})

it('names the environment variable of a secret instead of the secret, and quotes what YAML would misread', () => {
  const values = {
    ...{ url: 'https://ntfy.sh', topic: "it's: ours", token: 'OPS_TOKEN', tags: 'a, no', priority: '4', html: 'true' },
    ...{ title: '{{ .Alerts | len }}', mode: '' },
  }
  expect(channelYaml({ name: 'on', kind: 'ntfy', fields, values })).toBe(`channels:
  - name: 'on'
    kind: ntfy
    topic: 'it''s: ours'
    token: \${OPS_TOKEN}
    priority: 4
    html: true
    title: '{{ .Alerts | len }}'
    tags: ['a', 'no']
`)
})

it('says what is missing, and refuses a secret where its variable belongs', () => {
  const entry = { name: 'ops', kind: 'ntfy', fields, values: {} }
  expect(formProblem({ ...entry, name: ' ' })).toBe('Give it a name.')
  expect(formProblem(entry)).toBe('Still needed: Topic.')
  expect(formProblem({ ...entry, values: { topic: 'a', token: 'tk-3&x' } })).toContain('not the secret itself')
  expect(formProblem({ ...entry, values: { topic: 'a', token: 'OPS_TOKEN' } })).toBeUndefined()
  expect(variableName('ops-2', 'token')).toBe('OPS_2_TOKEN')
  expect(variableName('2nd', 'token')).toBe('_2ND_TOKEN')
})
