import { field, StructForm } from '@tidewatch/yaml/form.ts'
import { count, text } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { anything, hiddenUrlTemplate, timeout } from '../values.ts'

export const webhook = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      /** A template may stand in it. */
      url: field(hiddenUrlTemplate),
      url_file: field(text),
      /** 0: all. */
      max_alerts: field(count),
      timeout: field(timeout),
      /** Sent in place of Alertmanager's own body; templates in its texts. */
      payload: field(anything),
    },
    { check: (config, complain) => exactlyOne(config, 'url', 'url_file', complain) },
  ),
  fillHttp,
)
