import { type Form, field, list, optional, record, StructForm } from '@tidewatch/yaml/form.ts'
import { duration, oneOf, text, truth } from '@tidewatch/yaml/scalars.ts'
import { isScalar, isSeq } from 'yaml'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { anything, template, webUrl } from '../values.ts'

interface Updated<T> {
  readonly value: T
  /** Undefined: yes. */
  readonly enable_update: boolean | undefined
}

/** A text, or a mapping that says whether it is written again when the issue is updated. */
function templated(initial: string) {
  const whole = new StructForm({ template: field(text), enable_update: field(optional(truth)) })
  const form: Form<Updated<string>> = {
    zero: () => ({ value: '', enable_update: undefined }),
    read(node, path, context) {
      if (isScalar(node)) {
        const value = text.read(node, path, context)
        return value === undefined ? undefined : { value, enable_update: undefined }
      }
      const read = whole.read(node, path, context)
      return read === undefined ? undefined : { value: read.template, enable_update: read.enable_update }
    },
    isEmpty: ({ value }) => value === '',
    print: ({ value, enable_update }) => whole.print({ template: value, enable_update }),
  }
  return field(form, { initial: () => ({ value: initial, enable_update: undefined }) })
}

const texts = list(text)
const labelsForm = new StructForm({ values: field(texts), enable_update: field(optional(truth)) })
const labels: Form<Updated<string[]>> = {
  zero: () => ({ value: [], enable_update: undefined }),
  read(node, path, context) {
    if (isSeq(node)) {
      const value = texts.read(node, path, context)
      return value === undefined ? undefined : { value, enable_update: undefined }
    }
    const read = labelsForm.read(node, path, context)
    return read === undefined ? undefined : { value: read.values ?? [], enable_update: read.enable_update }
  },
  isEmpty: ({ value }) => value.length === 0,
  print: ({ value, enable_update }) => labelsForm.print({ values: value, enable_update }),
}

export const jira = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      api_url: field(webUrl),
      api_type: field(oneOf('type of Jira', ['auto', 'cloud', 'datacenter']), { initial: () => 'auto' }),
      project: template(),
      summary: templated('{{ template "jira.default.summary" . }}'),
      description: templated('{{ template "jira.default.description" . }}'),
      labels: field(labels),
      priority: template('{{ template "jira.default.priority" . }}'),
      issue_type: template(),
      reopen_transition: field(text),
      resolve_transition: field(text),
      wont_fix_resolution: field(text),
      reopen_duration: field(duration),
      fields: field(record(anything)),
    },
    {
      check(config, complain) {
        if (config.project === '') complain('project', 'missing.')
        if (config.issue_type === '') complain('issue_type', 'missing.')
      },
    },
  ),
  (config, global, complain) => {
    fillHttp(config, global)
    config.api_url ??= global.jira_api_url
    if (config.api_url === undefined) complain('api_url', 'missing; global has no jira_api_url either.')
  },
)
