// The templates that configurations refer to by name, for every channel that is text. Their names and the shape of what they print are those of
// Alertmanager, so that configurations and what reads the messages go on working; mail has a file of its own.

const define = (name: string, body: string): string => `{{ define "${name}" }}${body}{{ end }}`
const call = (name: string): string => `{{ template "${name}" . }}`
const pairsOf = (field: string, indent: string): string =>
  `{{ range .${field}.SortedPairs }}${indent}- {{ .Name }} = {{ .Value }}\n{{ end }}`

const subject = call('__subject')
const product = call('__alertmanager')
const link = call('__alertmanagerURL')
const annotations = '{{ .CommonAnnotations.SortedPairs.Values | join " " }}'
const color = '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'

/** `[FIRING:2] what groups them (what else they have in common)`. */
const subjectBody = [
  '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] ',
  '{{ .GroupLabels.SortedPairs.Values | join " " }} ',
  '{{ if gt (len .CommonLabels) (len .GroupLabels) }}',
  '({{ (.CommonLabels.Remove .GroupLabels.Names).Values | join " " }}){{ end }}',
].join('')

const alertList = `{{ range . }}Labels:\n${pairsOf('Labels', ' ')}Annotations:\n${pairsOf('Annotations', ' ')}Source: {{ .GeneratorURL }}\n{{ end }}`
const alertListMarkdown = `{{ range . }}\nLabels:\n${pairsOf('Labels', '  ')}\nAnnotations:\n${pairsOf('Annotations', '  ')}\nSource: {{ .GeneratorURL }}\n{{ end }}\n`

/** Firing and resolved alerts, each under a heading where there are any. */
const bothLists = (heading: string, list: string, around: (heading: string, body: string) => string): string =>
  ['Firing', 'Resolved']
    .map((status) => {
      const body = around(`${heading}Alerts ${status}:`, `{{ template "${list}" .Alerts.${status} }}`)
      return `{{ if gt (len .Alerts.${status}) 0 }}${body}{{ end }}`
    })
    .join('\n')

const roomy = (heading: string, body: string): string => `\n${heading}\n${body}\n`
const tight = (heading: string, body: string): string => `${heading}\n${body}`

const roomyLists = `${bothLists('', '__text_alert_list', roomy)}\n`
const markdownLists = `${bothLists('# ', '__text_alert_list_markdown', roomy)}\n`
const tightLists = bothLists('', '__text_alert_list', tight)

const summary = `${annotations}\n${tightLists}`

/** High, Medium or Low by the gravest severity among these alerts; leaves an answer that was found before alone. */
const priorityOf = (alerts: string): string =>
  [
    `{{- range ${alerts} -}}{{- $severity := index .Labels "severity" -}}`,
    '{{- if eq $severity "critical" -}}{{- $priority = "High" -}}',
    '{{- else if and (eq $severity "warning") (ne $priority "High") -}}{{- $priority = "Medium" -}}',
    '{{- else if and (eq $severity "info") (eq $priority "") -}}{{- $priority = "Low" -}}',
    '{{- end -}}{{- end -}}',
  ].join('')

const jiraPriority = [
  '{{- $priority := "" -}}',
  priorityOf('.Alerts.Firing'),
  `{{- if eq $priority "" -}}${priorityOf('.Alerts.Resolved')}{{- end -}}`,
  '{{- $priority -}}',
].join('')

const shared: Readonly<Record<string, string>> = {
  __alertmanager: 'Tidewatch',
  __alertmanagerURL: '{{ .ExternalURL }}/alerts?receiver={{ .Receiver | urlquery }}',
  __subject: subjectBody,
  __description: '',
  __text_alert_list: alertList,
  __text_alert_list_markdown: alertListMarkdown,
}

const channels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  slack: {
    title: subject,
    username: product,
    fallback: `${call('slack.default.title')} | ${call('slack.default.titlelink')}`,
    callbackid: '',
    pretext: '',
    titlelink: link,
    iconemoji: '',
    iconurl: '',
    text: '',
    footer: '',
    color,
  },
  pagerduty: {
    description: subject,
    client: product,
    clientURL: link,
    instances: '{{ template "__text_alert_list" . }}',
  },
  opsgenie: { message: subject, description: summary, source: link },
  wechat: {
    message: `${subject}\n${summary}\nAlertmanagerUrl:\n${link}`,
    to_user: '',
    to_party: '',
    to_tag: '',
    agent_id: '',
  },
  victorops: { state_message: summary, entity_display_name: subject, monitoring_tool: product },
  pushover: { title: subject, message: `${annotations}\n${roomyLists}`, url: link },
  sns: { subject, message: `${annotations}\n${roomyLists}` },
  telegram: { message: `\n${roomyLists}` },
  discord: { content: '', title: subject, message: `\n${roomyLists}` },
  webex: { message: `${annotations}\n${roomyLists}` },
  msteams: { summary: subject, title: subject, text: `\n${markdownLists}` },
  msteamsv2: { title: subject, text: `\n${markdownLists}` },
  jira: { summary: subject, description: `\n${markdownLists}`, priority: jiraPriority },
  rocketchat: { title: subject, alias: product, titlelink: link, emoji: '', iconurl: '', text: '' },
  mattermost: {
    color,
    username: product,
    title: subject,
    titlelink: link,
    fallback: `${call('mattermost.default.title')} | ${call('mattermost.default.titlelink')}`,
    text: `\n${markdownLists}`,
  },
}

function all(): string {
  const own = Object.entries(shared).map(([name, body]) => define(name, body))
  const ofChannels = Object.entries(channels).flatMap(([channel, templates]) =>
    Object.entries(templates).map(([name, body]) => define(`${channel}.default.${name}`, body)),
  )
  return [...own, ...ofChannels].join('\n')
}

export const builtInText = { name: 'default.tmpl', text: all() }
