import type { Plugin } from 'vite'

/** Preloads the one font file that every page needs, so that text does not jump; other alphabets load where a text needs them. */
export function preloadFont(file: RegExp): Plugin {
  return {
    name: 'tidewatch-preload-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const name = Object.keys(bundle ?? {}).find((candidate) => file.test(candidate))
        if (name === undefined) throw new Error(`No file of the build matches ${file}: the font to preload is missing`)
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `/${name}` }
        return [{ tag: 'link', attrs, injectTo: 'head-prepend' }]
      },
    },
  }
}
