// What Eleventy, or MDX and React in the place of Docusaurus, make of Markdown: for bodies.py.
//
// node bodies.mjs ASKED.json, which names the generator, the folder of the content, the files in it,
// the address of the site, the options of the site, and the file to write: a line of JSON each.

import fs from "node:fs";
import path from "node:path";

const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { content, posts, home, options } = asked;
const lines = asked.generator === "eleventy" ? await eleventy() : await docusaurus();
fs.writeFileSync(asked.to, lines.map((line) => JSON.stringify(line)).join("\n"));

// Eleventy with the site's own plugins for Markdown (options.plugins) and names of its shortcodes,
// which give nothing (options.shortcodes) or what is in them (options.paired).
async function eleventy() {
  const { default: Eleventy } = await import("@11ty/eleventy");
  const { default: MarkdownIt } = await import("markdown-it");
  const markdown = new MarkdownIt({ html: true, ...options.markdown });
  if (!options.code) markdown.disable("code"); // as Eleventy has it
  for (const [name, ...given] of options.plugins ?? []) {
    const { default: plugin } = await import(name);
    markdown.use(plugin, ...given);
  }
  const folder = fs.mkdtempSync(path.join(path.dirname(asked.to), "bare-"));
  for (const post of posts) {
    const source = fs.readFileSync(path.join(content, post), "utf8");
    const to = path.join(folder, post);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, source.replace(/^---\n.*?\n---/s, (front) => front.replace(/^layout:.*$/m, "")));
    const data = `${path.basename(path.dirname(post))}.json`;
    if (fs.existsSync(path.join(content, path.dirname(post), data))) {
      const { layout, ...rest } = JSON.parse(fs.readFileSync(path.join(content, path.dirname(post), data)));
      fs.writeFileSync(path.join(folder, path.dirname(post), data), JSON.stringify(rest));
    }
  }
  process.chdir(folder);
  const site = new Eleventy(folder, path.join(folder, "_site"), {
    quietMode: true,
    configPath: null,
    config(config) {
      config.setLibrary("md", markdown);
      for (const name of options.shortcodes ?? []) config.addShortcode(name, () => "");
      for (const name of options.paired ?? []) config.addPairedShortcode(name, (inner) => inner);
      for (const name of options.filters ?? []) config.addFilter(name, (value) => value);
      return { markdownTemplateEngine: options.engine ?? "liquid", dir: { input: folder } };
    },
  });
  const pages = await site.toJSON();
  return pages
    .filter((page) => page.url)
    .map((page) => ({
      path: path.relative(folder, path.resolve(page.inputPath)),
      url: home + page.url.slice(1),
      html: page.content,
    }));
}

// Docusaurus reads Markdown as MDX; what is imported gives what is in it, or its own address.
async function docusaurus() {
  const { evaluate } = await import("@mdx-js/mdx");
  const runtime = await import("react/jsx-runtime");
  const { createElement } = await import("react");
  const { renderToStaticMarkup } = await import("react-dom/server");
  const { parse } = await import("acorn");
  const { default: yaml } = await import("js-yaml");
  const plugins = [];
  for (const name of ["remark-frontmatter", "remark-gfm", "remark-directive", "remark-emoji"])
    plugins.push((await import(name)).default);
  const isAsset = (address) => /\.(png|jpe?g|gif|svg|webp|mp4|webm)$/i.test(address);
  globalThis.require = (address) => Object.assign(new String(address), { default: address });
  globalThis.feedpubComponent = ({ children }) => children ?? null;

  const urls = Object.fromEntries(posts.map((post) => [post, address(post, front(post))]));

  function front(post) {
    const found = /^---\n(.*?)\n---/s.exec(fs.readFileSync(path.join(content, post), "utf8"));
    return (found && yaml.load(found[1])) || {};
  }

  function address(post, given) {
    const dated = /(\d{4})[-/](\d{1,2})[-/](\d{1,2})[-/]?(.*?)(?:\/index)?\.mdx?$/.exec(post);
    const slug = given.slug ?? (dated ? dated.slice(1).join("/") : post.replace(/(\/index)?\.mdx?$/, ""));
    return home + path.join("blog", slug).replace(/^\//, "");
  }

  function walk(node, visit) {
    node.children = node.children?.flatMap((child) => walk(child, visit) ?? [child]);
    return visit(node);
  }

  const mended = (post) => () => (tree, file) => {
    const source = String(file);
    walk(tree, (node) => {
      if (node.type === "mdxjsEsm" && node.data?.estree) node.data.estree.body = node.data.estree.body.flatMap(imported);
      if (node.type === "link" && /^[^:#]*\.mdx?(#|$)/.test(node.url)) {
        const [file, part] = node.url.split("#");
        const target = urls[path.join(path.dirname(post), decodeURIComponent(file))];
        if (target) node.url = part ? `${target}#${part}` : target;
      }
      if (/^(text|leaf)Directive$/.test(node.type)) {
        const value = source.slice(node.position.start.offset, node.position.end.offset);
        return [{ type: node.type === "textDirective" ? "text" : "paragraph", value, children: [{ type: "text", value }] }];
      }
      if (node.type === "containerDirective") {
        const [first] = node.children;
        const label = first?.data?.directiveLabel ? node.children.shift().children : [];
        const name = node.name[0].toUpperCase() + node.name.slice(1);
        const title = label.length ? label : [{ type: "text", value: name }];
        node.children.unshift({ type: "paragraph", children: title });
        node.data = { hName: "div" };
      }
    });
  };

  function imported(statement) {
    if (statement.type !== "ImportDeclaration") return [statement];
    return statement.specifiers.flatMap(({ local }) => {
      const value = isAsset(statement.source.value) ? JSON.stringify(statement.source.value) : "feedpubComponent";
      return parse(`export const ${local.name} = ${value}`, { ecmaVersion: 2024, sourceType: "module" }).body;
    });
  }

  // Docusaurus takes comments of HTML and names of headings out, and reads titles after `:::note`.
  const notCode =
    /(?<code>^[ \t>]*(?<mark>`{3,}|~{3,})[^\n]*\n.*?^[ \t>]*\k<mark>[`~]*[ \t]*$|(?<!`)(?<tick>`+)(?!`).+?(?<!`)\k<tick>(?!`))|<!--.*?-->|(?<head>^#+ [^\n]*?)[ \t]*\{#[^}\n]+\}[ \t]*$|(?<note>^:::+\s*\w+) +(?<title>[^[{\n][^\n]*)$/gms;
  const mend = (...found) => {
    const { code, head, note, title } = found.at(-1);
    return code ?? head ?? (note ? `${note}[${title}]` : "");
  };
  const pages = [];
  for (const post of posts) {
    const source = fs
      .readFileSync(path.join(content, post), "utf8")
      .replace(notCode, mend);
    try {
      const names = new Set(source.match(/(?<=<)[A-Z]\w*/g));
      const components = Object.fromEntries([...names].map((name) => [name, feedpubComponent]));
      const remarkPlugins = [...plugins, mended(post)];
      const module = await evaluate(source, { ...runtime, remarkPlugins });
      const html = renderToStaticMarkup(createElement(module.default, { components }));
      pages.push({ path: post, url: urls[post], html });
    } catch (error) {
      console.error(`${post}: ${String(error).slice(0, 200)}`); // one that MDX cannot read either
    }
  }
  return pages;
}
