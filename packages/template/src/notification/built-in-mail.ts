// The mail that is sent where a configuration writes no other: one table, styles in place (mail programs drop style sheets), no pictures.

const text = 'font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5;color:#1f2933'
const heading = 'margin:24px 0 8px;font-size:15px;font-weight:bold'

const pairs = (field: string): string =>
  `{{ range .${field}.SortedPairs }}<div><span style="color:#616e7c">{{ .Name }}</span> {{ .Value }}</div>\n{{ end }}`

const alerts = (status: string, color: string): string => `{{ with .Alerts.${status} -}}
<p style="${heading}">{{ len . }} ${status.toLowerCase()}</p>
<table width="100%" cellpadding="0" cellspacing="0">
{{ range . -}}
<tr><td style="padding:8px 12px;border-left:4px solid ${color};border-bottom:8px solid #ffffff;background:#f5f7fa">
<div><b>{{ .Labels.alertname }}</b> since {{ .StartsAt.UTC.Format "2006-01-02 15:04:05 MST" }}${
  status === 'Resolved' ? ' until {{ .EndsAt.UTC.Format "2006-01-02 15:04:05 MST" }}' : ''
}</div>
${pairs('Annotations')}${pairs('Labels')}{{ with .GeneratorURL }}<div><a href="{{ . }}" style="color:#0b69a3">Source</a></div>
{{ end }}</td></tr>
{{ end -}}
</table>
{{ end -}}`

const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ template "__subject" . }}</title>
</head>
<body style="margin:0;padding:16px;background:#ffffff;${text}">
<table width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;margin:0 auto;${text}"><tr><td>
<p style="margin:0;padding:12px;border-radius:4px;color:#ffffff;font-weight:bold;{{ if .Alerts.Firing }}background:#ba2525{{ else }}background:#27724b{{ end }}">
{{- len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }}{{ range .GroupLabels.SortedPairs }}, {{ .Name }}={{ .Value }}{{ end -}}
</p>
<p><a href="{{ template "__alertmanagerURL" . }}" style="color:#0b69a3">Open in {{ template "__alertmanager" . }}</a></p>
${alerts('Firing', '#ba2525')}
${alerts('Resolved', '#27724b')}
<p style="margin:24px 0 0;font-size:12px;color:#7b8794">Sent by <a href="{{ .ExternalURL }}" style="color:#7b8794">{{ template "__alertmanager" . }}</a> to {{ .Receiver }}</p>
</td></tr></table>
</body>
</html>
`

export const builtInMail = {
  name: 'email.tmpl',
  text: `{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "email.default.html" }}${html}{{ end }}
`,
}
