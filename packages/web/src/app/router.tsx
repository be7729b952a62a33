import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { problemOf } from '../data/client.ts'
import { parseSearch, stringifySearch } from '../data/search.ts'
import { pages } from '../pages/registry.ts'
import { ProblemBox } from '../ui/problem-box.tsx'
import { alertmanagerLink } from './alertmanager-link.ts'
import { Shell } from './shell.tsx'

/** The router of the pages that are registered; any search stays, so that links of other tools keep their parts. */
export function createPageRouter() {
  const root = createRootRoute({
    component: Shell,
    beforeLoad: ({ location: { pathname, hash } }) => {
      const link = alertmanagerLink(pathname, hash)
      if (link !== undefined) throw redirect({ to: link.path, search: link.search as never, hash: '', replace: true })
    },
    validateSearch: (search: Record<string, unknown>) => search,
    notFoundComponent: NotFound,
    errorComponent: ({ error }) => <Broken error={error} />,
  })
  const children = pages.flatMap(({ path, within = [], load }) =>
    [path, ...within].map((one) =>
      createRoute({ getParentRoute: () => root, path: one, component: lazyRouteComponent(load, 'Page') }),
    ),
  )
  return createRouter({
    routeTree: root.addChildren(children),
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultPreload: 'intent',
    defaultErrorComponent: ({ error }) => <Broken error={error} />,
  })
}

function NotFound() {
  return (
    <div className="page-head">
      <h1>There is no such page</h1>
      <p className="note second">
        Nothing stands at <code>{location.pathname}</code>.{' '}
        <Link to="/" className="link">
          Go to Now
        </Link>
      </p>
    </div>
  )
}

function Broken({ error }: { readonly error: unknown }) {
  return (
    <div style={{ paddingTop: 16 }}>
      <ProblemBox
        problem={{
          what: 'This page stopped working',
          where: problemOf(error).what,
          fix: 'Reload; if it happens again, report it with the words above',
        }}
      >
        <button type="button" className="button little" onClick={() => location.reload()}>
          Reload
        </button>
      </ProblemBox>
    </div>
  )
}
