import { sigv4 } from '@tidewatch/yaml/cloud-auth.ts'
import { field, record, StructForm } from '@tidewatch/yaml/form.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { sealed, template } from '../values.ts'

export const sns = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      api_url: template(),
      sigv4: field(sealed(sigv4)),
      topic_arn: template(),
      phone_number: template(),
      target_arn: template(),
      subject: template('{{ template "sns.default.subject" . }}'),
      message: template('{{ template "sns.default.message" . }}'),
      attributes: field(record(text)),
      use_aws_http_client: field(truth),
    },
    {
      check(config, complain) {
        const given = [config.target_arn, config.topic_arn, config.phone_number].filter((value) => value !== '')
        // Alertmanager compares them in pairs, so three at once pass
        if (given.length % 2 === 0)
          complain('topic_arn', 'one of topic_arn, target_arn and phone_number must be given, and no second one.')
      },
    },
  ),
  fillHttp,
)
