// Values in all the places of HTML, as Go's html/template escapes them.
import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, test } from 'vitest'
import { createTemplate } from '../template.ts'
import type { Value } from '../value.ts'

const data = new Map<string, Value>([
  ['F', false],
  ['T', true],
  ['C', '<Cincinnati>'],
  ['G', '<Goodbye>'],
  ['H', '<Hello>'],
  ['A', ['<a>', '<b>']],
  ['E', []],
  ['N', 42n],
  ['Z', null],
])

const render = (text: string): string => createTemplate(text, { name: 't', isHtml: true }).execute(data)

const escaped: readonly (readonly [string, string])[] = [
  ['{{if .T}}Hello{{end}}, {{.C}}!', 'Hello, &lt;Cincinnati&gt;!'],
  ['{{if .F}}{{.H}}{{else}}{{.G}}{{end}}!', '&lt;Goodbye&gt;!'],
  ['{{with .H}}{{.}}{{end}}', '&lt;Hello&gt;'],
  ['{{range .A}}{{.}}{{end}}', '&lt;a&gt;&lt;b&gt;'],
  ['<a b=1 c={{.H}}>', '<a b=1 c=&lt;Hello&gt;>'],
  ['<a href="{{"/search?a=b&c=d"}}">', '<a href="/search?a=b&amp;c=d">'],
  ['<a href=\'{{"javascript:alert(%22pwned%22)"}}\'>', "<a href='#ZgotmplZ'>"],
  ['<a href=\'{{"  javascript:alert(%22pwned%22)"}}\'>', "<a href='#ZgotmplZ'>"],
  [
    '<a href={{"mailto:Muhammed \\"The Greatest\\" Ali <m.ali@example.com>"}}>',
    '<a href=mailto:Muhammed%20%22The%20Greatest%22%20Ali%20%3cm.ali@example.com%3e>',
  ],
  ['<a href=\'http://{{"javascript:80"}}/foo\'>', "<a href='http://javascript:80/foo'>"],
  ["<a href='/search?q={{.H}}'>", "<a href='/search?q=%3cHello%3e'>"],
  ["<a href='/faq#{{.H}}'>", "<a href='/faq#%3cHello%3e'>"],
  ['<a href="{{if .F}}/foo?a=b{{else}}/bar{{end}}">', '<a href="/bar">'],
  ['<a href="{{if .F}}/foo?a={{else}}/bar?a={{end}}{{.C}}">', '<a href="/bar?a=%3cCincinnati%3e">'],
  ['<a href="{{if .T}}/foo?a={{else}}/bar#{{end}}{{.C}}">', '<a href="/foo?a=%3cCincinnati%3e">'],
  ["<button onclick='alert({{.N}})'>", "<button onclick='alert( 42 )'>"],
  ["<button onclick='alert({{.T}})'>", "<button onclick='alert( true )'>"],
  ["<button onclick='alert({{.Z}})'>", "<button onclick='alert( null )'>"],
  [
    "<button onclick='alert({{.A}})'>",
    "<button onclick='alert([&#34;\\u003ca\\u003e&#34;,&#34;\\u003cb\\u003e&#34;])'>",
  ],
  ["<button onclick='alert({{.E}})'>", "<button onclick='alert([])'>"],
  ["<button onclick='alert(&quot;{{.H}}&quot;)'>", "<button onclick='alert(&quot;\\u003cHello\\u003e&quot;)'>"],
  ['<button onclick=\'alert(/{{""}}/.test(""))\'>', '<button onclick=\'alert(/(?:)/.test(""))\'>'],
  ['<script>{{if true}}var x = 1{{end}}</script>', '<script>var x = 1</script>'],
  ['<script>foo({{.T}}/{{.N}})</script>', '<script>foo( true / 42 )</script>'],
  ['<p style="dir: {{"ltr"}}">', '<p style="dir: ltr">'],
  ['<p style="border-{{"left"}}: 0; {{"top"}}: 1em">', '<p style="border-left: 0; top: 1em">'],
  ['<p style="width: {{"expression(alert(1337))"}}">', '<p style="width: ZgotmplZ">'],
  ['<{{"script"}}>{{"doEvil()"}}</{{"script"}}>', '&lt;script>doEvil()&lt;/script>'],
  ['<p style="background: url({{"/foo?img=bar&baz"}})">', '<p style="background: url(/foo?img=bar&amp;baz)">'],
  [
    '<p style="background: \'{{"/img?name=foo&size=icon"}}\'">',
    '<p style="background: \'\\2fimg?name=foo\\26size=icon\'">',
  ],
  [
    '<style>body { background: url(\'{{"javascript:alert(1)"}}\') }</style>',
    "<style>body { background: url('#ZgotmplZ') }</style>",
  ],
  ['<a href="http://www.google.com/?q={{"\'a<b\'"}}">', '<a href="http://www.google.com/?q=%27a%3cb%27">'],
  ['<b>Hello, <!-- name of world -->{{.C}}</b>', '<b>Hello, &lt;Cincinnati&gt;</b>'],
  ['<! -- name -- >{{.C}}', '&lt;! -- name -- >&lt;Cincinnati&gt;'],
  ['<!DOCTYPE html>Hello, World!', '<!DOCTYPE html>Hello, World!'],
  [
    '<script>for (;;) { if (c()) break// foo not a label\nfoo({{.T}}); }</script>',
    '<script>for (;;) { if (c()) break\nfoo( true ); }</script>',
  ],
  ['<style>p { /* c */ color: red }</style>', '<style>p {   color: red }</style>'],
  ['<input type=checkbox {{"checked"}}>', '<input type=checkbox checked>'],
  ['<input {{"onchange"}}="{{"doEvil()"}}">', '<input ZgotmplZ="doEvil()">'],
  ['<input onchange={{"f()"}}>', '<input onchange="f()">'.replace('"f()"', '&#34;f()&#34;')],
  ['<script>var a = `${ {{.T}} } {{.H}}`;</script>', '<script>var a = `${  true  } \\u003cHello\\u003e`;</script>'],
  [
    '<img srcset="{{"foo.jpg 100w, bar.jpg 200w, javascript:x 1w"}}">',
    '<img srcset="foo.jpg 100w, bar.jpg 200w,#ZgotmplZ">',
  ],
  [
    '<meta http-equiv="refresh" content="0; url={{"javascript:alert(1)"}}">',
    '<meta http-equiv="refresh" content="0; url=#ZgotmplZ">',
  ],
  ['<title>{{.H}} </title>{{.H}}', '<title>&lt;Hello&gt; </title>&lt;Hello&gt;'],
  ['<script type="text/template">{{.H}}</script>', '<script type="text/template">&lt;Hello&gt;</script>'],
  ['{{define "r"}}<b>{{if .F}}{{template "r" .}}{{end}}</b>{{end}}{{template "r" .}}', '<b></b>'],
  [
    '<a href="{{template "u" .}}">{{template "u" .}}{{define "u"}}/x?{{.C}}{{end}}',
    '<a href="/x?%3cCincinnati%3e">/x?&lt;Cincinnati&gt;',
  ],
  ['{{range .A}}{{if eq . "<a>"}}{{continue}}{{end}}{{.}}{{end}}', '&lt;b&gt;'],
]

test.each(escaped)('%s', (text, output) => {
  expect(render(text)).toBe(output)
})

describe('what cannot be escaped is refused', () => {
  test.each([
    '<a {{if .T}}href{{end}}="/x">',
    '<a{{if .T}}>{{end}}',
    '{{if .T}}<script>{{end}}',
    '<a b="',
    '<script>var x = "\\',
    '<a x=y"{{.}}>',
    '{{.H | html | print}}',
    '{{urlquery .H}}<a title={{.H | html}}>',
    '<a href="{{if .T}}/x{{else}}/y?{{end}}{{.H}}">',
    '{{range .A}}<a href="{{end}}',
    '{{range .A}}<a title="{{break}}"></a>{{end}}',
    '{{template "zz"}}',
  ])('%s', (text) => {
    let thrown: unknown
    try {
      render(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(AppError)
    expect(thrown).toMatchObject({ code: 'template.execute', message: expect.stringMatching(/^(?:html\/)?template:t/) })
  })
})
