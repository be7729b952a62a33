// clone: further events beside this one.

import { fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'

const typePath = fieldPath('type')

export const clone: FilterDefinition = {
  name: 'clone',
  compile(settings, context): Filter {
    const names = settings.texts('clones')
    if (names.length === 0) settings.complain('clone needs clones', 'Write clones => ["name"].')
    const isEcs = ecsOf(settings, context) !== 'disabled'
    return {
      failureTags: ['_clone_failure'],
      run(event) {
        if (names.length > context.budget.left) {
          event.tag('_clone_limit_failure')
          return false
        }
        context.budget.left -= names.length
        const clones = names.map((name) => {
          const copy = event.clone()
          if (isEcs) copy.tag(name)
          else copy.set(typePath, name)
          return copy
        })
        return [event, ...clones]
      },
    }
  },
}
