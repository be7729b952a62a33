// uuid: a random identifier in a field.
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'

export const uuid: FilterDefinition = {
  name: 'uuid',
  compile(settings, context): Filter {
    settings.requiredText('target')
    const target = settings.field('target', 'uuid')
    const overwrites = settings.flag('overwrite', false)
    ecsOf(settings, context)
    return {
      failureTags: ['_uuid_failure'],
      run(event) {
        if (overwrites || !event.has(target)) event.set(target, context.uuid())
        return true
      },
    }
  },
}
