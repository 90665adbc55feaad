BEGIN TRANSACTION;
CREATE TABLE archive_links (
    target INTEGER, feed INTEGER, number INTEGER, PRIMARY KEY (target, feed, number)
) WITHOUT ROWID;
INSERT INTO "archive_links" VALUES(5295290890789263163,1,1);
INSERT INTO "archive_links" VALUES(-7286176012257531415,1,3);
INSERT INTO "archive_links" VALUES(-6511960083964669135,1,3);
INSERT INTO "archive_links" VALUES(-1620564995523831149,1,3);
INSERT INTO "archive_links" VALUES(-1441224806152737087,1,3);
INSERT INTO "archive_links" VALUES(-968585667081757349,1,3);
INSERT INTO "archive_links" VALUES(42090820711686837,1,3);
INSERT INTO "archive_links" VALUES(1166584488183168067,1,3);
INSERT INTO "archive_links" VALUES(1576780517184907016,1,3);
INSERT INTO "archive_links" VALUES(6040533747640991589,1,3);
INSERT INTO "archive_links" VALUES(7969599270642237028,1,3);
INSERT INTO "archive_links" VALUES(-7286176012257531415,2,1);
INSERT INTO "archive_links" VALUES(-6511960083964669135,2,1);
INSERT INTO "archive_links" VALUES(-1620564995523831149,2,1);
INSERT INTO "archive_links" VALUES(-1441224806152737087,2,1);
INSERT INTO "archive_links" VALUES(-968585667081757349,2,1);
INSERT INTO "archive_links" VALUES(42090820711686837,2,1);
INSERT INTO "archive_links" VALUES(1166584488183168067,2,1);
INSERT INTO "archive_links" VALUES(1576780517184907016,2,1);
INSERT INTO "archive_links" VALUES(5295290890789263163,2,1);
INSERT INTO "archive_links" VALUES(6040533747640991589,2,1);
INSERT INTO "archive_links" VALUES(7969599270642237028,2,1);
INSERT INTO "archive_links" VALUES(5295290890789263163,3,1);
CREATE TABLE archived (
    feed INTEGER, number INTEGER, story INTEGER, entered INTEGER NOT NULL,
    PRIMARY KEY (feed, number, story)
) WITHOUT ROWID;
INSERT INTO "archived" VALUES(1,1,2,1764576000);
INSERT INTO "archived" VALUES(1,1,3,1764662400);
INSERT INTO "archived" VALUES(1,1,7,1764921600);
INSERT INTO "archived" VALUES(1,1,8,1765008000);
INSERT INTO "archived" VALUES(1,2,10,1765094400);
INSERT INTO "archived" VALUES(1,2,11,1765180800);
INSERT INTO "archived" VALUES(1,2,12,1765267200);
INSERT INTO "archived" VALUES(1,2,13,1765353600);
INSERT INTO "archived" VALUES(1,3,1,1765440000);
INSERT INTO "archived" VALUES(1,3,4,1765526400);
INSERT INTO "archived" VALUES(1,3,9,1766966400);
INSERT INTO "archived" VALUES(1,3,15,1766217600);
INSERT INTO "archived" VALUES(2,1,1,1765440000);
INSERT INTO "archived" VALUES(2,1,2,1764576000);
INSERT INTO "archived" VALUES(2,1,8,1765008000);
INSERT INTO "archived" VALUES(2,1,12,1765267200);
INSERT INTO "archived" VALUES(3,1,2,1764576000);
INSERT INTO "archived" VALUES(3,1,3,1764662400);
INSERT INTO "archived" VALUES(3,1,8,1765008000);
INSERT INTO "archived" VALUES(3,1,10,1765094400);
INSERT INTO "archived" VALUES(4,1,3,1764662400);
INSERT INTO "archived" VALUES(4,1,7,1764921600);
INSERT INTO "archived" VALUES(4,1,10,1765094400);
INSERT INTO "archived" VALUES(4,1,13,1765353600);
INSERT INTO "archived" VALUES(5,1,7,1764921600);
INSERT INTO "archived" VALUES(5,1,12,1765267200);
INSERT INTO "archived" VALUES(5,1,13,1765353600);
INSERT INTO "archived" VALUES(5,1,15,1766217600);
CREATE TABLE archives (
    feed INTEGER, number INTEGER, dirty INTEGER NOT NULL, PRIMARY KEY (feed, number)
) WITHOUT ROWID;
INSERT INTO "archives" VALUES(1,1,0);
INSERT INTO "archives" VALUES(1,2,0);
INSERT INTO "archives" VALUES(1,3,0);
INSERT INTO "archives" VALUES(2,1,0);
INSERT INTO "archives" VALUES(3,1,0);
INSERT INTO "archives" VALUES(4,1,0);
INSERT INTO "archives" VALUES(5,1,0);
CREATE TABLE entries (
    story INTEGER PRIMARY KEY, data TEXT NOT NULL,
    outdated INTEGER NOT NULL DEFAULT 0     -- shown only while its file cannot be read
);
INSERT INTO "entries" VALUES(1,'{"entry":{"id":"tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b","title":"Item 10","link":"https://www.example.org/10","published":1765440000,"updated":1765440000,"excerpt":"What item 10 says","content":"<div dir=\"auto\"><p><img src=\"https://www.example.org/a.png\" alt=\"A\" width=\"20\" height=\"10\"></p><p>What item 10 says</p><p><a href=\"https://etoile.example/\">Étoile</a></p><h2>Related</h2><ul><li><a href=\"https://beyond.example/0\">Beyond 0</a></li><li><a href=\"https://beyond.example/1\">Beyond 1</a></li><li><a href=\"https://beyond.example/10\">Beyond 10</a></li><li><a href=\"https://beyond.example/11\">Beyond 11</a></li><li><a href=\"https://beyond.example/2\">Beyond 2</a></li><li><a href=\"https://beyond.example/3\">Beyond 3</a></li><li><a href=\"https://beyond.example/4\">Beyond 4</a></li><li><a href=\"https://beyond.example/5\">Beyond 5</a></li><li><a href=\"https://beyond.example/6\">Beyond 6</a></li><li><a href=\"https://beyond.example/7\">Beyond 7</a></li></ul></div>","original_url":"https://other.example/10","quality":20,"heat":5,"category":{"slug":"wissen","label":"Wissen"},"topics":[{"slug":"ai","label":"AI"},{"slug":"c-plus-plus","label":"C++"}],"provider":{"name":"Étoile","uri":"https://etoile.example/"},"authors":[{"name":"Ada","email":"ada@example.org"},{"name":"Bob"}],"images":[{"url":"https://www.example.org/a.png","width":20,"height":10,"alt":"A"}],"related":[{"place":0,"key":"https://beyond.example/0","url":"https://beyond.example/0","title":"Beyond 0"},{"place":1,"key":"https://beyond.example/1","url":"https://beyond.example/1","title":"Beyond 1"},{"place":10,"key":"https://beyond.example/10","url":"https://beyond.example/10","title":"Beyond 10"},{"place":11,"key":"https://beyond.example/11","url":"https://beyond.example/11","title":"Beyond 11"},{"place":2,"key":"https://beyond.example/2","url":"https://beyond.example/2","title":"Beyond 2"},{"place":3,"key":"https://beyond.example/3","url":"https://beyond.example/3","title":"Beyond 3"},{"place":4,"key":"https://beyond.example/4","url":"https://beyond.example/4","title":"Beyond 4"},{"place":5,"key":"https://beyond.example/5","url":"https://beyond.example/5","title":"Beyond 5"},{"place":6,"key":"https://beyond.example/6","url":"https://beyond.example/6","title":"Beyond 6"},{"place":7,"key":"https://beyond.example/7","url":"https://beyond.example/7","title":"Beyond 7"}]},"links":[{"place":0,"key":"https://beyond.example/0","url":"https://beyond.example/0","title":"Beyond 0"},{"place":1,"key":"https://beyond.example/1","url":"https://beyond.example/1","title":"Beyond 1"},{"place":10,"key":"https://beyond.example/10","url":"https://beyond.example/10","title":"Beyond 10"},{"place":11,"key":"https://beyond.example/11","url":"https://beyond.example/11","title":"Beyond 11"},{"place":2,"key":"https://beyond.example/2","url":"https://beyond.example/2","title":"Beyond 2"},{"place":3,"key":"https://beyond.example/3","url":"https://beyond.example/3","title":"Beyond 3"},{"place":4,"key":"https://beyond.example/4","url":"https://beyond.example/4","title":"Beyond 4"},{"place":5,"key":"https://beyond.example/5","url":"https://beyond.example/5","title":"Beyond 5"},{"place":6,"key":"https://beyond.example/6","url":"https://beyond.example/6","title":"Beyond 6"},{"place":7,"key":"https://beyond.example/7","url":"https://beyond.example/7","title":"Beyond 7"},{"place":8,"key":"https://beyond.example/8","url":"https://beyond.example/8","title":"Beyond 8"},{"place":9,"key":"https://beyond.example/9","url":"https://beyond.example/9","title":"Beyond 9"}],"body_end":170}',1);
INSERT INTO "entries" VALUES(2,'{"entry":{"id":"tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37","title":"Item 0","link":"https://www.example.org/0","published":1764576000,"updated":1764576000,"excerpt":"What item 0 says","content":"<div dir=\"auto\"><p>What item 0 says</p></div>","original_url":"https://www.example.org/0","quality":10,"heat":5,"topics":[{"slug":"ai","label":"AI"},{"slug":"c-plus-plus","label":"C++"}]},"links":[],"body_end":39}',0);
INSERT INTO "entries" VALUES(3,'{"entry":{"id":"tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27","title":"Item 1","link":"https://www.example.org/1","published":1764662400,"updated":1764662400,"excerpt":"What item 1 says","content":"<div dir=\"auto\"><p>What item 1 says</p></div>","quality":11,"heat":5,"topics":[{"slug":"c-plus-plus","label":"C++"},{"slug":"web","label":"Web"}]},"links":[],"body_end":39}',0);
INSERT INTO "entries" VALUES(4,'{"entry":{"id":"tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6","title":"Item 11","link":"https://www.example.org/11","published":1765526400,"updated":1765526400,"excerpt":"What item 11 says","content":"<div dir=\"auto\"><p>What item 11 says</p></div>","quality":21,"heat":5,"topics":[{"slug":"c-plus-plus","label":"C++"},{"slug":"web","label":"Web"},{"slug":"again","label":"Again"}]},"links":[],"body_end":40}',0);
INSERT INTO "entries" VALUES(6,'{"entry":{"id":"tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f","title":"Item 3","link":"https://www.example.org/3","published":1767225600,"updated":1767225600,"excerpt":"What item 3 says","content":"<div dir=\"auto\"><p>What item 3 says</p></div>","quality":13,"heat":5,"topics":[{"slug":"ai","label":"AI"},{"slug":"rivers","label":"Rivers"}]},"links":[],"body_end":39}',0);
INSERT INTO "entries" VALUES(7,'{"entry":{"id":"tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b","title":"Item 4","link":"https://www.example.org/4","published":1764921600,"updated":1767312000,"excerpt":"What item 4 says now","content":"<div dir=\"auto\"><p>Some <em>text</em> with a <a href=\"https://www.example.org/elsewhere\">link</a>.</p></div>","quality":14,"heat":5,"topics":[{"slug":"rivers","label":"Rivers"},{"slug":"web","label":"Web"}]},"links":[],"body_end":102}',0);
INSERT INTO "entries" VALUES(8,'{"entry":{"id":"tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb","title":"Item 5","link":"https://www.example.org/5","published":1765008000,"updated":1765008000,"excerpt":"What item 5 says","content":"<div dir=\"auto\"><p>What item 5 says</p><h2>Related</h2><ul><li><a href=\"https://www.example.org/6\">Our own</a></li></ul></div>","quality":15,"heat":5,"topics":[{"slug":"ai","label":"AI"},{"slug":"c-plus-plus","label":"C++"}],"related":[{"place":0,"key":"https://www.example.org/6","url":"https://www.example.org/6","title":"Our own","item_id":"tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506"}]},"links":[{"place":0,"key":"https://www.example.org/6","url":"https://www.example.org/6","title":"Our own"}],"body_end":39}',0);
INSERT INTO "entries" VALUES(9,'{"entry":{"id":"tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d","title":"Derived","link":"https://www.example.org/50","published":1766966400,"updated":1766966400,"excerpt":"A link of ~one~ and two & bold, code {#id} https://bare.example/ em**phasis","content":"<div dir=\"auto\"><p>A <a href=\"https://www.example.org/elsewhere\">link</a> of  ~one~ and <s>two</s> &amp; <b>bold</b>, <code>code {#id}</code><sup>1</sup><br>\n<a href=\"https://bare.example/\">https://bare.example/</a> <em>em**phasis</em></p>\n<table><thead><tr><th>a</th><th align=\"right\">b</th></tr></thead><tbody>\n<tr><td></td><td align=\"right\">2</td></tr>\n</tbody></table>\n<hr>\n<ol>\n<li><p>Some more.</p></li>\n</ol></div>"},"links":[],"body_end":415}',0);
INSERT INTO "entries" VALUES(10,'{"entry":{"id":"tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506","title":"Item 6","link":"https://www.example.org/6","published":1765094400,"updated":1765094400,"excerpt":"What item 6 says","content":"<div dir=\"auto\"><p>What item 6 says</p></div>","quality":16,"heat":5,"topics":[{"slug":"c-plus-plus","label":"C++"},{"slug":"web","label":"Web"}]},"links":[],"body_end":39}',0);
INSERT INTO "entries" VALUES(15,'{"entry":{"id":"tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f","title":"Odd","link":"https://www.example.org/caf%E9","published":1766217600,"updated":1766217600,"excerpt":"By its path","content":"<div dir=\"auto\"><p>By its path</p></div>","quality":3,"topics":[{"slug":"rivers","label":"Rivers"}]},"links":[],"body_end":34}',0);
INSERT INTO "entries" VALUES(16,'{"entry":{"id":"tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7","title":"Odder","link":"https://www.example.org/r%E9gion/bro%FFken","published":1767168000,"updated":1767168000,"excerpt":"By its path","content":"<div dir=\"auto\"><p>By its path</p></div>","quality":3,"topics":[{"slug":"rivers","label":"Rivers"}]},"links":[],"body_end":34}',1);
CREATE TABLE entry_links (
    target INTEGER, story INTEGER, PRIMARY KEY (target, story)
) WITHOUT ROWID;
INSERT INTO "entry_links" VALUES(-7286176012257531415,1);
INSERT INTO "entry_links" VALUES(-6511960083964669135,1);
INSERT INTO "entry_links" VALUES(-3895662200437977264,1);
INSERT INTO "entry_links" VALUES(-1620564995523831149,1);
INSERT INTO "entry_links" VALUES(-1441224806152737087,1);
INSERT INTO "entry_links" VALUES(-968585667081757349,1);
INSERT INTO "entry_links" VALUES(42090820711686837,1);
INSERT INTO "entry_links" VALUES(1166584488183168067,1);
INSERT INTO "entry_links" VALUES(1576780517184907016,1);
INSERT INTO "entry_links" VALUES(5648875939464752557,1);
INSERT INTO "entry_links" VALUES(6040533747640991589,1);
INSERT INTO "entry_links" VALUES(7969599270642237028,1);
INSERT INTO "entry_links" VALUES(5295290890789263163,8);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "facts" VALUES('ledger-stale','0');
INSERT INTO "facts" VALUES('now','1767312000');
INSERT INTO "facts" VALUES('reading','dbb1b6d974602fb4806e4b55b9a19dc4');
INSERT INTO "facts" VALUES('rendering','c6b058e4525f99e6f1a8448f5ebecb59');
INSERT INTO "facts" VALUES('selection','66c7794ad3a9106b9b9cca9f8e8b90ba');
INSERT INTO "facts" VALUES('whole','0');
CREATE TABLE feed_facts (feed INTEGER PRIMARY KEY, data TEXT NOT NULL);
INSERT INTO "feed_facts" VALUES(1,'{"items":11,"newest":1767225600,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,3,2,1,3]}');
INSERT INTO "feed_facts" VALUES(2,'{"items":4,"newest":1767225600,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,0,1],"providers":["Étoile"]}');
INSERT INTO "feed_facts" VALUES(3,'{"items":6,"newest":1765526400,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,4],"providers":["Étoile"]}');
INSERT INTO "feed_facts" VALUES(4,'{"items":4,"newest":1765526400,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,2]}');
INSERT INTO "feed_facts" VALUES(5,'{"items":4,"newest":1767225600,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,1,2]}');
INSERT INTO "feed_facts" VALUES(6,'{}');
INSERT INTO "feed_facts" VALUES(7,'{"items":1,"newest":1765440000,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1],"providers":["Étoile"]}');
INSERT INTO "feed_facts" VALUES(8,'{"items":1,"newest":1765526400,"weeks":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]}');
CREATE TABLE feeds (
    feed INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, key TEXT NOT NULL,
    dirty INTEGER NOT NULL DEFAULT 1,
    data TEXT NOT NULL,
    UNIQUE (kind, key)
);
INSERT INTO "feeds" VALUES(1,'all','',0,'{"kind":"all","key":"","id":"tag:example.org,2026-01-01:feed/all/e3b0c44298fc1c149afbf4c8996fb924","slug":"","label":"","created":1767225600,"meta":"11ff85aca4a3f124","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(2,'topic','ai',0,'{"kind":"topic","key":"ai","id":"tag:example.org,2026-01-01:feed/topic/32e83e92d45d71f69dcf9d214688f037","slug":"ai","label":"AI","created":1767225600,"meta":"6e350ffa095fa1d8","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(3,'topic','c++',0,'{"kind":"topic","key":"c++","id":"tag:example.org,2026-01-01:feed/topic/cedb1bac7efcd7db47e9f2f2250a7c83","slug":"c-plus-plus","label":"C++","created":1767225600,"meta":"68f61c738e4927bb"}');
INSERT INTO "feeds" VALUES(4,'topic','web',0,'{"kind":"topic","key":"web","id":"tag:example.org,2026-01-01:feed/topic/4b5e57f6eb2f42b9039b3d1e13929295","slug":"web","label":"Web","created":1767225600,"meta":"eadfabf05ebe6e2a","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(5,'topic','rivers',0,'{"kind":"topic","key":"rivers","id":"tag:example.org,2026-01-01:feed/topic/cfa5b483895333db22f123afb255da2f","slug":"rivers","label":"Rivers","created":1767225600,"meta":"c53166001522aee6","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(6,'topic','人工智能',0,'{"kind":"topic","key":"人工智能","id":"tag:example.org,2026-01-01:feed/topic/161332dd5ba244f14566d9ccfc214dbb","slug":"人工智能","label":"人工智能","created":1767225600,"meta":"3a881d30945f1cad","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(7,'provider','étoile',0,'{"kind":"provider","key":"étoile","id":"tag:example.org,2026-01-01:feed/provider/e4729c715e44d9445358f398d2301b5d","slug":"étoile","label":"Étoile","created":1767225600,"meta":"be2d5bfe3a42c416"}');
INSERT INTO "feeds" VALUES(8,'topic','again',0,'{"kind":"topic","key":"again","id":"tag:example.org,2026-01-01:feed/topic/b4c9e14061c2fd453b36700e3b0da008","slug":"again","label":"Again","created":1767225600,"meta":"4d6d7a3e65b5bc5a"}');
CREATE TABLE files (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    content TEXT NOT NULL,
    status INTEGER NOT NULL,
    identity INTEGER,           -- hash of the identity key of its copy
    copy TEXT,                  -- the copy (JSON), if it is or was an item
    story INTEGER
) WITHOUT ROWID;
INSERT INTO "files" VALUES(X'616761696E2E6D64',91,1796024205737357995,2293788,'bdd454a49756cec80651e4d1d492e6a4',3,-5934466753462070755,'{"path":"","content":"bdd454a49756cec80651e4d1d492e6a4","web_key":"https://www.example.org/11","title":"d814f051c51f3ff3","mark":"2-a38b.2b53c27111712d66","quality":1,"topics":[{"key":"again","label":"Again"}],"link":"https://www.example.org/11"}',4);
INSERT INTO "files" VALUES(X'626172732E6D64',75,1796024206339757871,2293783,'3f8ebf9d4e1d6e0cbb25d298599bbec2',4,-8734833523477952476,'{"path":"","content":"3f8ebf9d4e1d6e0cbb25d298599bbec2","withheld":2,"broken":true,"bars":["https://www.example.org/9"]}',NULL);
INSERT INTO "files" VALUES(X'636166E92E6D64',116,1796024205736813284,2293787,'dc621820b99a33e40daa6e6367c2470e',0,-7984291967399102670,'{"path":"","content":"dc621820b99a33e40daa6e6367c2470e","title":"e811472cf96a5584","mark":"2-a38b.3c4f557f3a45d733","published":1766217600,"quality":3,"topics":[{"key":"rivers","label":"Rivers"}],"link_key":"https://www.example.org/caf%E9","link":"https://www.example.org/caf%E9"}',15);
INSERT INTO "files" VALUES(X'646572697665642E6D64',287,1796024205737706954,2293790,'36297c0531b65bb770c3eab305c58e2d',0,-353183865419522415,'{"path":"","content":"36297c0531b65bb770c3eab305c58e2d","web_key":"https://www.example.org/50","title":"c049befa7fe05238","mark":"2-a38b.71ddb128dceefa20","published":1766966400,"link":"https://www.example.org/50"}',9);
INSERT INTO "files" VALUES(X'6930302E6D64',213,1796024205738010316,2293771,'b6cc455979646d12d7cef77996b18f3d',0,5614671680218135427,'{"path":"","content":"b6cc455979646d12d7cef77996b18f3d","original_key":"https://www.example.org/0","web_key":"https://www.example.org/0","title":"ee6cbb73827f5967","mark":"2-a38b.14d3dbc4cfa329f3","published":1764576000,"quality":10,"topics":[{"key":"ai","label":"AI"},{"key":"c++","label":"C++"}],"link":"https://www.example.org/0"}',2);
INSERT INTO "files" VALUES(X'6930312E6D64',173,1796024205733069048,2293772,'455968ae65c192ce37769be1c7d9a1c5',0,-417156933503830525,'{"path":"","content":"455968ae65c192ce37769be1c7d9a1c5","web_key":"https://www.example.org/1","title":"be6158f29656f0ee","mark":"2-a38b.4446e60f9abbaf44","published":1764662400,"quality":11,"topics":[{"key":"c++","label":"C++"},{"key":"web","label":"Web"}],"link":"https://www.example.org/1"}',3);
INSERT INTO "files" VALUES(X'6930322E6D64',189,1796024205733276857,2293773,'02c2c07a597429af86194e1fd93453d8',1,-8607491726111113146,'{"path":"","content":"02c2c07a597429af86194e1fd93453d8","web_key":"https://www.example.org/2","title":"de37260c6322e13b","mark":"2-a38b.abc70fa7dc625857","published":1764748800,"quality":12,"withheld":1,"topics":[{"key":"人工智能","label":"人工智能"}],"link":"https://www.example.org/2"}',5);
INSERT INTO "files" VALUES(X'6930332E6D64',133,1796024205733472949,2293775,'4b90e95ecb658121d912c6f134c7489c',0,-1764879840151857021,'{"path":"","content":"4b90e95ecb658121d912c6f134c7489c","web_key":"https://www.example.org/3","title":"c7245356a7d80ea5","mark":"2-a38b.7f6adda33efe04fb","quality":13,"topics":[{"key":"ai","label":"AI"},{"key":"rivers","label":"Rivers"}],"link":"https://www.example.org/3"}',6);
INSERT INTO "files" VALUES(X'6930342E6D64',219,1796024206339568659,2293776,'3af9a963630df5fbef8153e7e4aca640',0,8021147247277982699,'{"path":"","content":"3af9a963630df5fbef8153e7e4aca640","web_key":"https://www.example.org/4","title":"6a1dd4836963cc32","mark":"2-a38b.ed17670644b80f5b","published":1764921600,"quality":14,"topics":[{"key":"rivers","label":"Rivers"},{"key":"web","label":"Web"}],"link":"https://www.example.org/4"}',7);
INSERT INTO "files" VALUES(X'6930352E6D64',243,1796024205734030439,2293780,'cd83a24764163958b38d39a6aaad73dc',0,3055680552230397000,'{"path":"","content":"cd83a24764163958b38d39a6aaad73dc","web_key":"https://www.example.org/5","title":"979427ce558898fc","mark":"2-a38b.c2d510e56357ff9e","published":1765008000,"quality":15,"topics":[{"key":"ai","label":"AI"},{"key":"c++","label":"C++"}],"link":"https://www.example.org/5"}',8);
INSERT INTO "files" VALUES(X'6930362E6D64',173,1796024205734231879,2293781,'442cf5ea56f28b9169f701da1514c5c0',0,5295290890789263163,'{"path":"","content":"442cf5ea56f28b9169f701da1514c5c0","web_key":"https://www.example.org/6","title":"f98d30932b820717","mark":"2-a38b.440127b9563402e4","published":1765094400,"quality":16,"topics":[{"key":"c++","label":"C++"},{"key":"web","label":"Web"}],"link":"https://www.example.org/6"}',10);
INSERT INTO "files" VALUES(X'6930372E6D64',189,1796024206339145695,2293782,'a1ae39f250310fa390e5acff16791528',1,-650984452292797495,'{"path":"","content":"a1ae39f250310fa390e5acff16791528","web_key":"https://www.example.org/7","title":"ea4341606ae0cbd1","mark":"2-a38b.c37127d862b9da47","published":1765180800,"quality":17,"withheld":2,"topics":[{"key":"人工智能","label":"人工智能"}],"link":"https://www.example.org/7"}',11);
INSERT INTO "files" VALUES(X'6930392E6D64',176,1796024205736040192,2293784,'f785fda5d865b7810ef163414331afb3',1,1501310479245955349,'{"path":"","content":"f785fda5d865b7810ef163414331afb3","web_key":"https://www.example.org/9","title":"867ded243c94a8e5","mark":"2-a38b.be3a047852f9a559","published":1765353600,"quality":19,"topics":[{"key":"rivers","label":"Rivers"},{"key":"web","label":"Web"}],"link":"https://www.example.org/9"}',13);
INSERT INTO "files" VALUES(X'6931302E6D64',27,1796024206338306780,2293785,'d49154794af234b08172e0d03fff8c5d',0,-8869927828155825119,'{"path":"","content":"c9186654daee07a3f17e42abc3cca32e","original_key":"https://other.example/10","web_key":"https://www.example.org/10","title":"0cbba45b3dc8608a","mark":"2-a38b.034dbfa8b4f4b38c","published":1765440000,"quality":20,"topics":[{"key":"ai","label":"AI"},{"key":"c++","label":"C++"}],"category":{"key":"wissen","label":"Wissen"},"provider":"Étoile","authors":["Ada","Bob"],"broken":true,"link":"https://www.example.org/10"}',1);
INSERT INTO "files" VALUES(X'6931312E6D64',176,1796024205736610311,2293786,'82fa9ce6d8539f2e8f232f1b6709a452',0,-5934466753462070755,'{"path":"","content":"82fa9ce6d8539f2e8f232f1b6709a452","web_key":"https://www.example.org/11","title":"d814f051c51f3ff3","mark":"2-a38b.04b2e44f16e505bd","published":1765526400,"quality":21,"topics":[{"key":"c++","label":"C++"},{"key":"web","label":"Web"}],"link":"https://www.example.org/11"}',4);
INSERT INTO "files" VALUES(X'6C617465722E6D64',92,1796024205737540737,2293789,'05228a0aa8d95f8bfcbec3a37355ee28',2,1720253563032362109,'{"path":"","content":"05228a0aa8d95f8bfcbec3a37355ee28","web_key":"https://www.example.org/99","title":"f31f2248953001f0","mark":"2-a38b.75167a6b238df6aa","published":1798761600,"link":"https://www.example.org/99"}',14);
INSERT INTO "files" VALUES(X'72E967696F6E2F62726FFF6B656E2E6D64',27,1796024206338662930,2301974,'d49154794af234b08172e0d03fff8c5d',0,-4726218915474036025,'{"path":"","content":"e214549eab9e5eba0f5e4c3e728221f5","title":"ad1e4ff5678c6952","mark":"2-a38b.631c630d7906a6a9","published":1767168000,"quality":3,"topics":[{"key":"rivers","label":"Rivers"}],"broken":true,"link_key":"https://www.example.org/r%E9gion/bro%FFken","link":"https://www.example.org/r%E9gion/bro%FFken"}',16);
CREATE TABLE members (
    feed INTEGER, entered INTEGER, story INTEGER,
    sealed INTEGER,             -- the document that holds it as it is now
    PRIMARY KEY (feed, entered DESC, story)
) WITHOUT ROWID;
INSERT INTO "members" VALUES(1,1767312000,7,NULL);
INSERT INTO "members" VALUES(1,1767225600,6,NULL);
INSERT INTO "members" VALUES(1,1767168000,16,NULL);
INSERT INTO "members" VALUES(1,1766966400,9,3);
INSERT INTO "members" VALUES(1,1766217600,15,3);
INSERT INTO "members" VALUES(1,1765526400,4,3);
INSERT INTO "members" VALUES(1,1765440000,1,3);
INSERT INTO "members" VALUES(1,1765094400,10,2);
INSERT INTO "members" VALUES(1,1765008000,8,1);
INSERT INTO "members" VALUES(1,1764662400,3,1);
INSERT INTO "members" VALUES(1,1764576000,2,1);
INSERT INTO "members" VALUES(2,1767225600,6,NULL);
INSERT INTO "members" VALUES(2,1765440000,1,1);
INSERT INTO "members" VALUES(2,1765008000,8,1);
INSERT INTO "members" VALUES(2,1764576000,2,1);
INSERT INTO "members" VALUES(3,1765526400,4,NULL);
INSERT INTO "members" VALUES(3,1765440000,1,NULL);
INSERT INTO "members" VALUES(3,1765094400,10,1);
INSERT INTO "members" VALUES(3,1765008000,8,1);
INSERT INTO "members" VALUES(3,1764662400,3,1);
INSERT INTO "members" VALUES(3,1764576000,2,1);
INSERT INTO "members" VALUES(4,1767312000,7,NULL);
INSERT INTO "members" VALUES(4,1765526400,4,NULL);
INSERT INTO "members" VALUES(4,1765094400,10,1);
INSERT INTO "members" VALUES(4,1764662400,3,1);
INSERT INTO "members" VALUES(5,1767312000,7,NULL);
INSERT INTO "members" VALUES(5,1767225600,6,NULL);
INSERT INTO "members" VALUES(5,1767168000,16,NULL);
INSERT INTO "members" VALUES(5,1766217600,15,1);
INSERT INTO "members" VALUES(7,1765440000,1,NULL);
INSERT INTO "members" VALUES(8,1765526400,4,NULL);
CREATE TABLE outputs (
    path TEXT PRIMARY KEY, feed INTEGER NOT NULL, format TEXT NOT NULL, content TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "outputs" VALUES('archive/1/atom.xml',1,'atom','3c8def431f5d370a9a3a2ed18eadea35',3640,1796024206312614720,2302281);
INSERT INTO "outputs" VALUES('archive/1/feed.json',1,'json','f91a4fce55c6d28c356926036cab2b0e',2169,1796024206312794318,2302282);
INSERT INTO "outputs" VALUES('archive/1/rss.xml',1,'rss','e1000ae705789564e07e55725bd82177',3002,1796024206312443445,2302280);
INSERT INTO "outputs" VALUES('archive/2/atom.xml',1,'atom','1dc20477859e3b2ababe5ba7b9d5956d',1691,1796024206410482592,2302283);
INSERT INTO "outputs" VALUES('archive/2/feed.json',1,'json','b7763b0024d0860f9247ecf44a532789',907,1796024206410757942,2302284);
INSERT INTO "outputs" VALUES('archive/2/rss.xml',1,'rss','a7abcef5635cf4f7e5b92961b0f9212d',1391,1796024206410163868,2302279);
INSERT INTO "outputs" VALUES('archive/3/atom.xml',1,'atom','35ad86eff002fad8bde4b506067f01eb',6290,1796024206316421950,2302287);
INSERT INTO "outputs" VALUES('archive/3/feed.json',1,'json','fe4e75ca086daa57d1d44bb01b8961cd',3796,1796024206316591372,2302288);
INSERT INTO "outputs" VALUES('archive/3/rss.xml',1,'rss','0ed48f06069ba203cc57d443909ec9ab',4840,1796024206316209183,2302286);
INSERT INTO "outputs" VALUES('archive/4/atom.xml',1,'atom','926d2172e5199ad85f8053481fbcc42a',2705,1796024206413129364,2302291);
INSERT INTO "outputs" VALUES('archive/4/feed.json',1,'json','791053aa217371746a1c35eb040a87b2',1609,1796024206413372636,2302292);
INSERT INTO "outputs" VALUES('archive/4/rss.xml',1,'rss','b5b2e3d34d10499cfc0092fc48b885b6',2258,1796024206412798721,2302285);
INSERT INTO "outputs" VALUES('atom.xml',1,'atom','1e814b9e1cbff01e3f123cc7cec5fc99',4097,1796024206392428457,2302248);
INSERT INTO "outputs" VALUES('feed.json',1,'json','8829bb77e205824c44db18f50ebb521a',2625,1796024206392697607,2302249);
INSERT INTO "outputs" VALUES('feedpub.css',1,'style','06694777fc18b8b69f20d6785e2dc24f',7587,1796024206325062557,2302302);
INSERT INTO "outputs" VALUES('feedpub.js',1,'script','43bc9727a2fb18880c4faf83da46baeb',1462,1796024206325215114,2302303);
INSERT INTO "outputs" VALUES('feeds.json',1,'feeds','96bdc71a099424fc845d4eff96cf9feb',4661,1796024206414472764,2302299);
INSERT INTO "outputs" VALUES('feeds.opml',1,'opml','0e26bb1844077ec639dca888a4c36da1',2406,1796024206324659627,2302300);
INSERT INTO "outputs" VALUES('index.html',1,'page','a5f543852a53961c3b31ee7c52079881',9982,1796024206392954169,2302250);
INSERT INTO "outputs" VALUES('providers/étoile/atom.xml',7,'atom','2face0982fcb5b0d66b86918c0713336',3728,1796024206252967055,2302216);
INSERT INTO "outputs" VALUES('providers/étoile/feed.json',7,'json','4132b56bc565cbfa3d216a3f7537e5da',2337,1796024206253100393,2302217);
INSERT INTO "outputs" VALUES('providers/étoile/index.html',7,'page','f0964f142506f8b9807cb642863471de',4725,1796024206253222225,2302218);
INSERT INTO "outputs" VALUES('providers/étoile/rss.xml',7,'rss','51fe692d8ac8540c44c57f44dfa53610',2460,1796024206252702811,2302215);
INSERT INTO "outputs" VALUES('rss.xml',1,'rss','91102928e9fb9d571d74ad0d7e04c170',3210,1796024206392056583,2302247);
INSERT INTO "outputs" VALUES('topics/again/atom.xml',8,'atom','0bc93b24c48c81b7e72732f9557c061a',1450,1796024206257095002,2302222);
INSERT INTO "outputs" VALUES('topics/again/feed.json',8,'json','c4602fd51027975c00af65685e1ca85c',828,1796024206257267068,2302223);
INSERT INTO "outputs" VALUES('topics/again/index.html',8,'page','b32f970908b35ee74b0064330ce61532',3780,1796024206257434307,2302224);
INSERT INTO "outputs" VALUES('topics/again/rss.xml',8,'rss','66a02d95c19d95dc73c7a5caafb1879d',1121,1796024206256923266,2302221);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/atom.xml',2,'atom','687118bbd63a7a3e7bd01e3750d1be06',5362,1796024206396447952,2302252);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/feed.json',2,'json','c9295c7fed56aeb1cf54a366e0dcbc4c',3320,1796024206396697434,2302253);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/rss.xml',2,'rss','ad73446373e578e75a8a8c4139384205',3852,1796024206396127425,2302251);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/atom.xml',2,'atom','ff4b96717a1b85abbcb28177df415c87',1590,1796024206288779035,2302256);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/feed.json',2,'json','f77d0e5ce161b06e1e61b91cc498c4a3',947,1796024206288914276,2302259);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/rss.xml',2,'rss','de37d6522b1f79e2179a2d73e74e2d4f',1271,1796024206288618977,2302255);
INSERT INTO "outputs" VALUES('topics/ai/atom.xml',2,'atom','73dd9742b5ac2335aaf82af7663a5b6d',5917,1796024206366037876,2302226);
INSERT INTO "outputs" VALUES('topics/ai/feed.json',2,'json','31c8c95a7a44f76d24a5f2641afee6ad',3742,1796024206366336882,2302227);
INSERT INTO "outputs" VALUES('topics/ai/index.html',2,'page','6f5720ba0f7daa3f52548fcbdae9e197',5855,1796024206366613414,2302228);
INSERT INTO "outputs" VALUES('topics/ai/rss.xml',2,'rss','0a755a40a01b27fc33978446825898cc',4177,1796024206365538573,2302304);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/atom.xml',3,'atom','2cfd53194c52e5782480b33c7e86c3f8',3684,1796024206291376182,2302261);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/feed.json',3,'json','f1fdd720fb78d333ae89fb8625fe728b',2173,1796024206291564222,2302262);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/rss.xml',3,'rss','182e5abb738f520ab41b921af72c5860',3001,1796024206291186350,2302260);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/atom.xml',3,'atom','a806b5ca0a8265bf331231e1a692c888',4641,1796024206293154941,2302264);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/feed.json',3,'json','3fd7fbf5460ee4a762e9d598863a7ffa',2811,1796024206293348039,2302265);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/rss.xml',3,'rss','f8a11093060a8a38ba58a3e81fb58aed',3271,1796024206292943597,2302263);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/atom.xml',3,'atom','5a68398db50a24f783870fe6d30586c6',5887,1796024206266691693,2302231);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/feed.json',3,'json','abc5a673dfdb993cc4477f06a4f148d5',3608,1796024206266871130,2302232);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/index.html',3,'page','640102a80e19ea349be1740a884c2846',5846,1796024206267099310,2302233);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/rss.xml',3,'rss','5274c6c23b254107297907600090d114',4278,1796024206266451996,2302230);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/atom.xml',5,'atom','4d9a5f1de37fadded16dbc333c1f3958',2278,1796024206401690229,2302266);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/feed.json',5,'json','f70629c7f9d16b9cdddc5effa0c2bbe2',1292,1796024206401956636,2302267);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/rss.xml',5,'rss','2974e7903e03a8558e6e14b0f9eabcb0',1880,1796024206401312436,2302254);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/atom.xml',5,'atom','05093992343e3b9311c86e1aaf8d46ed',2810,1796024206404390540,2302269);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/feed.json',5,'json','a8ac70cd46fac7235ebdea2c8a39eeb5',1686,1796024206404676967,2302270);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/rss.xml',5,'rss','fea3cd7e1c07e2a57bac6ecc81de2fa6',2333,1796024206403975232,2302268);
INSERT INTO "outputs" VALUES('topics/rivers/atom.xml',5,'atom','c8d2bb3769fc967e7512be3ca1f2815c',3460,1796024206378150274,2302234);
INSERT INTO "outputs" VALUES('topics/rivers/feed.json',5,'json','97d4409a78e7bea6dabdca99e943b365',2141,1796024206378424012,2302235);
INSERT INTO "outputs" VALUES('topics/rivers/index.html',5,'page','11b1310d0d8fef0d2dc2064aa51b6ea2',5097,1796024206378701425,2302236);
INSERT INTO "outputs" VALUES('topics/rivers/rss.xml',5,'rss','18ddf2b1a9318e0686d0a58e7adb696f',2644,1796024206377764860,2302229);
INSERT INTO "outputs" VALUES('topics/web/archive/1/atom.xml',4,'atom','e3dab4d0a9b72f1ebca8e0584e29b308',2927,1796024206406430238,2302272);
INSERT INTO "outputs" VALUES('topics/web/archive/1/feed.json',4,'json','010a9cd2293cf722353a0838fcf7d6a2',1608,1796024206406709043,2302275);
INSERT INTO "outputs" VALUES('topics/web/archive/1/rss.xml',4,'rss','75b44bd2188f9d87578a1d9053f920ae',2435,1796024206406111283,2302271);
INSERT INTO "outputs" VALUES('topics/web/archive/2/atom.xml',4,'atom','09ef2e86ab6ddb9e89fda863ad99b160',2362,1796024206408442394,2302277);
INSERT INTO "outputs" VALUES('topics/web/archive/2/feed.json',4,'json','bbaf0c2ca2d137f7ca1b290868b798b8',1355,1796024206408722030,2302278);
INSERT INTO "outputs" VALUES('topics/web/archive/2/rss.xml',4,'rss','449c1faa0dea0e0e8e5aa98c2a39767d',1943,1796024206408135878,2302276);
INSERT INTO "outputs" VALUES('topics/web/atom.xml',4,'atom','93f47eedae57ed952006dd2e52d65ebb',3570,1796024206383132834,2302238);
INSERT INTO "outputs" VALUES('topics/web/feed.json',4,'json','96cb5bc8447877e002c7f70bbcccfabe',2040,1796024206383388935,2302239);
INSERT INTO "outputs" VALUES('topics/web/index.html',4,'page','ffca8ed053d0ef2159f8f456310515d7',4984,1796024206383661130,2302240);
INSERT INTO "outputs" VALUES('topics/web/rss.xml',4,'rss','821026f6f0cb626b1b97d67fc8b421f1',2830,1796024206382712237,2302237);
INSERT INTO "outputs" VALUES('topics/人工智能/atom.xml',6,'atom','a887465517b6da8b76b99582e359c3ba',1085,1796024206385719185,2302244);
INSERT INTO "outputs" VALUES('topics/人工智能/feed.json',6,'json','6712a277fc6b270afc3d6398a3ab51fb',691,1796024206385984581,2302245);
INSERT INTO "outputs" VALUES('topics/人工智能/index.html',6,'page','e93b45996a12721ff170f4cfa866bce7',3625,1796024206386262554,2302246);
INSERT INTO "outputs" VALUES('topics/人工智能/rss.xml',6,'rss','ab0c25fbbd8f43159a1c355845a0dc7a',623,1796024206385412719,2302243);
CREATE TABLE problems (
    path BLOB NOT NULL, source INTEGER NOT NULL, line INTEGER,
    code TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL
);
INSERT INTO "problems" VALUES(X'616761696E2E6D64',0,NULL,'date-missing',1,'no date; the instant it was first seen is used');
INSERT INTO "problems" VALUES(X'646572697665642E6D64',0,4,'date-no-offset',0,'publishedDateTime has no UTC offset; content.timezone is used');
INSERT INTO "problems" VALUES(X'6930332E6D64',0,NULL,'date-missing',1,'no date; the instant it was first seen is used');
INSERT INTO "problems" VALUES(X'6C617465722E6D64',0,4,'date-no-offset',0,'publishedDateTime has no UTC offset; content.timezone is used');
INSERT INTO "problems" VALUES(X'6931312E6D64',1,NULL,'story-duplicate',1,'the same story is also in again.md; this file is the one published');
INSERT INTO "problems" VALUES(X'626172732E6D64',0,4,'front-matter-invalid',2,'not valid YAML: a quote is never closed');
INSERT INTO "problems" VALUES(X'6931302E6D64',0,2,'front-matter-invalid',2,'not valid YAML: a quote is never closed');
INSERT INTO "problems" VALUES(X'6931302E6D64',0,NULL,'last-good-kept',2,'unusable now; its item stays as it last was. Mend the file');
INSERT INTO "problems" VALUES(X'72E967696F6E2F62726FFF6B656E2E6D64',0,2,'front-matter-invalid',2,'not valid YAML: a quote is never closed');
INSERT INTO "problems" VALUES(X'72E967696F6E2F62726FFF6B656E2E6D64',0,NULL,'last-good-kept',2,'unusable now; its item stays as it last was. Mend the file');
CREATE TABLE stories (
    story INTEGER PRIMARY KEY,
    state INTEGER NOT NULL, due INTEGER,
    published INTEGER NOT NULL, entered INTEGER NOT NULL, id TEXT NOT NULL,
    feeds TEXT NOT NULL,        -- the feeds it is a member of (JSON list)
    data TEXT NOT NULL          -- the story (JSON)
);
INSERT INTO "stories" VALUES(1,0,NULL,1765440000,1765440000,'tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b','[1,2,3,7]','{"id":"tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b","basis":"https://other.example/10","explicit":"","original_key":"https://other.example/10","web_key":"https://www.example.org/10","path":"i10.md","title":"0cbba45b3dc8608a","date":1765440000,"content":"c9186654daee07a3f17e42abc3cca32e","mark":"2-a38b.034dbfa8b4f4b38c","first_seen":1767225600,"published":1765440000,"updated":1765440000,"first_out":1765440000,"state":0,"link":"https://www.example.org/10"}');
INSERT INTO "stories" VALUES(2,0,NULL,1764576000,1764576000,'tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37','[1,2,3]','{"id":"tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37","basis":"https://www.example.org/0","explicit":"","original_key":"https://www.example.org/0","web_key":"https://www.example.org/0","path":"i00.md","title":"ee6cbb73827f5967","date":1764576000,"content":"b6cc455979646d12d7cef77996b18f3d","mark":"2-a38b.14d3dbc4cfa329f3","first_seen":1767225600,"published":1764576000,"updated":1764576000,"first_out":1764576000,"state":0,"link":"https://www.example.org/0"}');
INSERT INTO "stories" VALUES(3,0,NULL,1764662400,1764662400,'tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27','[1,3,4]','{"id":"tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27","basis":"https://www.example.org/1","explicit":"","original_key":"","web_key":"https://www.example.org/1","path":"i01.md","title":"be6158f29656f0ee","date":1764662400,"content":"455968ae65c192ce37769be1c7d9a1c5","mark":"2-a38b.4446e60f9abbaf44","first_seen":1767225600,"published":1764662400,"updated":1764662400,"first_out":1764662400,"state":0,"link":"https://www.example.org/1"}');
INSERT INTO "stories" VALUES(4,0,NULL,1765526400,1765526400,'tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6','[1,3,4,8]','{"id":"tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6","basis":"https://www.example.org/11","explicit":"","original_key":"","web_key":"https://www.example.org/11","path":"i11.md","title":"d814f051c51f3ff3","date":1765526400,"content":"82fa9ce6d8539f2e8f232f1b6709a452","mark":"2-a38b.04b2e44f16e505bd","first_seen":1767225600,"published":1765526400,"updated":1765526400,"first_out":1765526400,"state":0,"link":"https://www.example.org/11"}');
INSERT INTO "stories" VALUES(5,2,NULL,1764748800,1764748800,'tag:example.org,2026-01-01:item/1b4bf7eff0bc4c6f31e9107a4ddda814','[]','{"id":"tag:example.org,2026-01-01:item/1b4bf7eff0bc4c6f31e9107a4ddda814","basis":"https://www.example.org/2","explicit":"","original_key":"","web_key":"https://www.example.org/2","path":"i02.md","title":"de37260c6322e13b","date":1764748800,"content":"02c2c07a597429af86194e1fd93453d8","mark":"2-a38b.abc70fa7dc625857","first_seen":1767225600,"published":1764748800,"state":2,"link":"https://www.example.org/2"}');
INSERT INTO "stories" VALUES(6,0,NULL,1767225600,1767225600,'tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f','[1,2,5]','{"id":"tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f","basis":"https://www.example.org/3","explicit":"","original_key":"","web_key":"https://www.example.org/3","path":"i03.md","title":"c7245356a7d80ea5","date":null,"content":"4b90e95ecb658121d912c6f134c7489c","mark":"2-a38b.7f6adda33efe04fb","first_seen":1767225600,"published":1767225600,"updated":1767225600,"first_out":1767225600,"state":0,"link":"https://www.example.org/3"}');
INSERT INTO "stories" VALUES(7,0,NULL,1764921600,1767312000,'tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b','[1,4,5]','{"id":"tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b","basis":"https://www.example.org/4","explicit":"","original_key":"","web_key":"https://www.example.org/4","path":"i04.md","title":"6a1dd4836963cc32","date":1764921600,"content":"3af9a963630df5fbef8153e7e4aca640","mark":"2-a38b.ed17670644b80f5b","first_seen":1767225600,"published":1764921600,"updated":1767312000,"first_out":1764921600,"state":0,"link":"https://www.example.org/4"}');
INSERT INTO "stories" VALUES(8,0,NULL,1765008000,1765008000,'tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb','[1,2,3]','{"id":"tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb","basis":"https://www.example.org/5","explicit":"","original_key":"","web_key":"https://www.example.org/5","path":"i05.md","title":"979427ce558898fc","date":1765008000,"content":"cd83a24764163958b38d39a6aaad73dc","mark":"2-a38b.c2d510e56357ff9e","first_seen":1767225600,"published":1765008000,"updated":1765008000,"first_out":1765008000,"state":0,"link":"https://www.example.org/5"}');
INSERT INTO "stories" VALUES(9,0,NULL,1766966400,1766966400,'tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d','[1]','{"id":"tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d","basis":"https://www.example.org/50","explicit":"","original_key":"","web_key":"https://www.example.org/50","path":"derived.md","title":"c049befa7fe05238","date":1766966400,"content":"36297c0531b65bb770c3eab305c58e2d","mark":"2-a38b.71ddb128dceefa20","first_seen":1767225600,"published":1766966400,"updated":1766966400,"first_out":1766966400,"state":0,"link":"https://www.example.org/50"}');
INSERT INTO "stories" VALUES(10,0,NULL,1765094400,1765094400,'tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506','[1,3,4]','{"id":"tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506","basis":"https://www.example.org/6","explicit":"","original_key":"","web_key":"https://www.example.org/6","path":"i06.md","title":"f98d30932b820717","date":1765094400,"content":"442cf5ea56f28b9169f701da1514c5c0","mark":"2-a38b.440127b9563402e4","first_seen":1767225600,"published":1765094400,"updated":1765094400,"first_out":1765094400,"state":0,"link":"https://www.example.org/6"}');
INSERT INTO "stories" VALUES(11,2,NULL,1765180800,1765180800,'tag:example.org,2026-01-01:item/c3b5c5faaa42ae1ac2aa42fd0305dd97','[]','{"id":"tag:example.org,2026-01-01:item/c3b5c5faaa42ae1ac2aa42fd0305dd97","basis":"https://www.example.org/7","explicit":"","original_key":"","web_key":"https://www.example.org/7","path":"i07.md","title":"ea4341606ae0cbd1","date":1765180800,"content":"a220b7e44fff204dbf28dab2c57f6ed7","mark":"2-a38b.c37127d862b9da47","first_seen":1767225600,"published":1765180800,"updated":1765180800,"first_out":1765180800,"state":2,"withdrawn":1767312000,"expires":1769904000,"link":"https://www.example.org/7"}');
INSERT INTO "stories" VALUES(12,3,NULL,1765267200,1765267200,'tag:example.org,2026-01-01:item/390bc008a0e4823264a6b2e8216718ca','[]','{"id":"tag:example.org,2026-01-01:item/390bc008a0e4823264a6b2e8216718ca","basis":"https://www.example.org/8","explicit":"","original_key":"","web_key":"https://www.example.org/8","path":"i08.md","title":"0dde1c633ccf5d57","date":1765267200,"content":"47a59beac2740e6fa3fa8327010a5694","mark":"2-a38b.f63f93bccecac72c","first_seen":1767225600,"published":1765267200,"updated":1765267200,"first_out":1765267200,"state":3,"withdrawn":1767312000,"expires":1769904000,"link":"https://www.example.org/8"}');
INSERT INTO "stories" VALUES(13,2,NULL,1765353600,1765353600,'tag:example.org,2026-01-01:item/3ab4b0d8ffdea6f1784b3e74283e9878','[]','{"id":"tag:example.org,2026-01-01:item/3ab4b0d8ffdea6f1784b3e74283e9878","basis":"https://www.example.org/9","explicit":"","original_key":"","web_key":"https://www.example.org/9","path":"i09.md","title":"867ded243c94a8e5","date":1765353600,"content":"f785fda5d865b7810ef163414331afb3","mark":"2-a38b.be3a047852f9a559","first_seen":1767225600,"published":1765353600,"updated":1765353600,"first_out":1765353600,"state":2,"withdrawn":1767312000,"expires":1769904000,"link":"https://www.example.org/9"}');
INSERT INTO "stories" VALUES(14,1,1798761600,1798761600,1798761600,'tag:example.org,2026-01-01:item/cb47481be213811799272bd49b098ad2','[]','{"id":"tag:example.org,2026-01-01:item/cb47481be213811799272bd49b098ad2","basis":"https://www.example.org/99","explicit":"","original_key":"","web_key":"https://www.example.org/99","path":"later.md","title":"f31f2248953001f0","date":1798761600,"content":"05228a0aa8d95f8bfcbec3a37355ee28","mark":"2-a38b.75167a6b238df6aa","first_seen":1767225600,"published":1798761600,"due":1798761600,"link":"https://www.example.org/99"}');
INSERT INTO "stories" VALUES(15,0,NULL,1766217600,1766217600,'tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f','[1,5]','{"id":"tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f","basis":"path:caf\udce9.md","explicit":"","original_key":"","web_key":"","path":"caf\udce9.md","title":"e811472cf96a5584","date":1766217600,"content":"dc621820b99a33e40daa6e6367c2470e","mark":"2-a38b.3c4f557f3a45d733","first_seen":1767225600,"published":1766217600,"updated":1766217600,"first_out":1766217600,"state":0,"link_key":"https://www.example.org/caf%E9","link":"https://www.example.org/caf%E9"}');
INSERT INTO "stories" VALUES(16,0,NULL,1767168000,1767168000,'tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7','[1,5]','{"id":"tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7","basis":"path:r\udce9gion/bro\udcffken.md","explicit":"","original_key":"","web_key":"","path":"r\udce9gion/bro\udcffken.md","title":"ad1e4ff5678c6952","date":1767168000,"content":"e214549eab9e5eba0f5e4c3e728221f5","mark":"2-a38b.631c630d7906a6a9","first_seen":1767225600,"published":1767168000,"updated":1767168000,"first_out":1767168000,"state":0,"link_key":"https://www.example.org/r%E9gion/bro%FFken","link":"https://www.example.org/r%E9gion/bro%FFken"}');
CREATE TABLE story_keys (key INTEGER, story INTEGER, PRIMARY KEY (key, story))
    WITHOUT ROWID;
INSERT INTO "story_keys" VALUES(-9148581667121539515,8);
INSERT INTO "story_keys" VALUES(-9082623709063359183,11);
INSERT INTO "story_keys" VALUES(-8989000641110993749,1);
INSERT INTO "story_keys" VALUES(-8976517921728942559,1);
INSERT INTO "story_keys" VALUES(-8869927828155825119,1);
INSERT INTO "story_keys" VALUES(-8816287621554351695,2);
INSERT INTO "story_keys" VALUES(-8815296795195833531,13);
INSERT INTO "story_keys" VALUES(-8607491726111113146,5);
INSERT INTO "story_keys" VALUES(-7984291967399102670,15);
INSERT INTO "story_keys" VALUES(-7786807720820503276,4);
INSERT INTO "story_keys" VALUES(-7680823630372491460,4);
INSERT INTO "story_keys" VALUES(-7203973250895612623,4);
INSERT INTO "story_keys" VALUES(-6915695935455563282,6);
INSERT INTO "story_keys" VALUES(-6458377885136133671,6);
INSERT INTO "story_keys" VALUES(-6172615402690770308,1);
INSERT INTO "story_keys" VALUES(-5934466753462070755,4);
INSERT INTO "story_keys" VALUES(-5677084664259062523,13);
INSERT INTO "story_keys" VALUES(-5505593314423224517,9);
INSERT INTO "story_keys" VALUES(-5016366334201614795,9);
INSERT INTO "story_keys" VALUES(-4726218915474036025,16);
INSERT INTO "story_keys" VALUES(-4353457443076148570,10);
INSERT INTO "story_keys" VALUES(-4322232031305227171,8);
INSERT INTO "story_keys" VALUES(-4261532457943880019,5);
INSERT INTO "story_keys" VALUES(-3908656138338657684,5);
INSERT INTO "story_keys" VALUES(-3389894085988555601,12);
INSERT INTO "story_keys" VALUES(-3311645631807599486,13);
INSERT INTO "story_keys" VALUES(-3047206223467004312,14);
INSERT INTO "story_keys" VALUES(-2211988072705947085,16);
INSERT INTO "story_keys" VALUES(-1764879840151857021,6);
INSERT INTO "story_keys" VALUES(-1753885399061228041,16);
INSERT INTO "story_keys" VALUES(-1272446976497415347,15);
INSERT INTO "story_keys" VALUES(-885121812768886851,1);
INSERT INTO "story_keys" VALUES(-730175573150859868,7);
INSERT INTO "story_keys" VALUES(-650984452292797495,11);
INSERT INTO "story_keys" VALUES(-426904283862869658,2);
INSERT INTO "story_keys" VALUES(-417156933503830525,3);
INSERT INTO "story_keys" VALUES(-353183865419522415,9);
INSERT INTO "story_keys" VALUES(-202581959649784935,7);
INSERT INTO "story_keys" VALUES(-135510882745781974,7);
INSERT INTO "story_keys" VALUES(6915431739555275,15);
INSERT INTO "story_keys" VALUES(626715807439786859,15);
INSERT INTO "story_keys" VALUES(1377349589171311520,6);
INSERT INTO "story_keys" VALUES(1425904341980599100,15);
INSERT INTO "story_keys" VALUES(1501310479245955349,13);
INSERT INTO "story_keys" VALUES(1720253563032362109,14);
INSERT INTO "story_keys" VALUES(1991695877820094258,12);
INSERT INTO "story_keys" VALUES(2056270667351464961,10);
INSERT INTO "story_keys" VALUES(2685987179663601770,11);
INSERT INTO "story_keys" VALUES(2933566556393266310,2);
INSERT INTO "story_keys" VALUES(2974933641809205292,12);
INSERT INTO "story_keys" VALUES(3010773032356774745,16);
INSERT INTO "story_keys" VALUES(3055680552230397000,8);
INSERT INTO "story_keys" VALUES(3390791565464066079,3);
INSERT INTO "story_keys" VALUES(3715870927781656279,15);
INSERT INTO "story_keys" VALUES(3948726368883501372,3);
INSERT INTO "story_keys" VALUES(4195157227813750325,3);
INSERT INTO "story_keys" VALUES(4561121128785258990,9);
INSERT INTO "story_keys" VALUES(4820703143813823391,16);
INSERT INTO "story_keys" VALUES(5295290890789263163,10);
INSERT INTO "story_keys" VALUES(5492091910643444705,16);
INSERT INTO "story_keys" VALUES(5614671680218135427,2);
INSERT INTO "story_keys" VALUES(5806443084013744700,11);
INSERT INTO "story_keys" VALUES(6868199000167520471,8);
INSERT INTO "story_keys" VALUES(7463399234353941326,14);
INSERT INTO "story_keys" VALUES(7480461476071123992,10);
INSERT INTO "story_keys" VALUES(7611519606708054555,14);
INSERT INTO "story_keys" VALUES(7734245596618644231,12);
INSERT INTO "story_keys" VALUES(8021147247277982699,7);
INSERT INTO "story_keys" VALUES(8099244031930046280,5);
CREATE TABLE withdrawals (
    feed INTEGER, story INTEGER, expires INTEGER NOT NULL, PRIMARY KEY (feed, story)
) WITHOUT ROWID;
INSERT INTO "withdrawals" VALUES(1,11,1769904000);
INSERT INTO "withdrawals" VALUES(1,12,1769904000);
INSERT INTO "withdrawals" VALUES(1,13,1769904000);
INSERT INTO "withdrawals" VALUES(2,12,1769904000);
INSERT INTO "withdrawals" VALUES(4,13,1769904000);
INSERT INTO "withdrawals" VALUES(5,12,1769904000);
INSERT INTO "withdrawals" VALUES(5,13,1769904000);
INSERT INTO "withdrawals" VALUES(6,11,1769904000);
CREATE INDEX files_identity ON files (identity) WHERE identity IS NOT NULL;
CREATE INDEX files_story ON files (story) WHERE story IS NOT NULL;
CREATE INDEX files_status ON files (status);
CREATE INDEX problems_path ON problems (path, source);
CREATE INDEX stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE INDEX members_unsealed ON members (feed) WHERE sealed IS NULL;
CREATE INDEX members_sealed ON members (feed, sealed, entered)
    WHERE sealed IS NOT NULL;
CREATE INDEX entry_links_story ON entry_links (story);
CREATE INDEX withdrawals_expires ON withdrawals (expires);
CREATE INDEX withdrawals_story ON withdrawals (story);
CREATE INDEX archived_story ON archived (story);
CREATE INDEX archive_links_archive ON archive_links (feed, number);
COMMIT;
PRAGMA user_version = 11;
