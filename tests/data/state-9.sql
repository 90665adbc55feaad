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
CREATE TABLE entries (story INTEGER PRIMARY KEY, data TEXT NOT NULL, outdated INTEGER NOT NULL DEFAULT 0);
INSERT INTO "entries" VALUES(1,'["tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b","Item 10","https://www.example.org/10",1765440000,1765440000,"What item 10 says","<div dir=\"auto\"><p><img src=\"https://www.example.org/a.png\" alt=\"A\" width=\"20\" height=\"10\"></p><p>What item 10 says</p><p><a href=\"https://etoile.example/\">Étoile</a></p><h2>Related</h2><ul><li><a href=\"https://beyond.example/0\">Beyond 0</a></li><li><a href=\"https://beyond.example/1\">Beyond 1</a></li><li><a href=\"https://beyond.example/10\">Beyond 10</a></li><li><a href=\"https://beyond.example/11\">Beyond 11</a></li><li><a href=\"https://beyond.example/2\">Beyond 2</a></li><li><a href=\"https://beyond.example/3\">Beyond 3</a></li><li><a href=\"https://beyond.example/4\">Beyond 4</a></li><li><a href=\"https://beyond.example/5\">Beyond 5</a></li><li><a href=\"https://beyond.example/6\">Beyond 6</a></li><li><a href=\"https://beyond.example/7\">Beyond 7</a></li></ul></div>","https://other.example/10","",20,5,["wissen","Wissen"],[["ai","AI"],["c-plus-plus","C++"]],["Étoile","https://etoile.example/",""],[["Ada","","ada@example.org"],["Bob","",""]],[["https://www.example.org/a.png",20,10,"","A"]],null,[[0,"https://beyond.example/0","https://beyond.example/0","Beyond 0","",null,"",null,0,null,""],[1,"https://beyond.example/1","https://beyond.example/1","Beyond 1","",null,"",null,0,null,""],[10,"https://beyond.example/10","https://beyond.example/10","Beyond 10","",null,"",null,0,null,""],[11,"https://beyond.example/11","https://beyond.example/11","Beyond 11","",null,"",null,0,null,""],[2,"https://beyond.example/2","https://beyond.example/2","Beyond 2","",null,"",null,0,null,""],[3,"https://beyond.example/3","https://beyond.example/3","Beyond 3","",null,"",null,0,null,""],[4,"https://beyond.example/4","https://beyond.example/4","Beyond 4","",null,"",null,0,null,""],[5,"https://beyond.example/5","https://beyond.example/5","Beyond 5","",null,"",null,0,null,""],[6,"https://beyond.example/6","https://beyond.example/6","Beyond 6","",null,"",null,0,null,""],[7,"https://beyond.example/7","https://beyond.example/7","Beyond 7","",null,"",null,0,null,""]],"",[[10,[8,"https://beyond.example/8","https://beyond.example/8","Beyond 8","",null,"",null,0,null,""]],[11,[9,"https://beyond.example/9","https://beyond.example/9","Beyond 9","",null,"",null,0,null,""]]],170]',1);
INSERT INTO "entries" VALUES(2,'["tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37","Item 0","https://www.example.org/0",1764576000,1764576000,"What item 0 says","<div dir=\"auto\"><p>What item 0 says</p></div>","https://www.example.org/0","",10,5,null,[["ai","AI"],["c-plus-plus","C++"]],null,[],[],null,[],"",[],39]',0);
INSERT INTO "entries" VALUES(3,'["tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27","Item 1","https://www.example.org/1",1764662400,1764662400,"What item 1 says","<div dir=\"auto\"><p>What item 1 says</p></div>","","",11,5,null,[["c-plus-plus","C++"],["web","Web"]],null,[],[],null,[],"",[],39]',0);
INSERT INTO "entries" VALUES(4,'["tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6","Item 11","https://www.example.org/11",1765526400,1765526400,"What item 11 says","<div dir=\"auto\"><p>What item 11 says</p></div>","","",21,5,null,[["c-plus-plus","C++"],["web","Web"],["again","Again"]],null,[],[],null,[],"",[],40]',0);
INSERT INTO "entries" VALUES(6,'["tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f","Item 3","https://www.example.org/3",1767225600,1767225600,"What item 3 says","<div dir=\"auto\"><p>What item 3 says</p></div>","","",13,5,null,[["ai","AI"],["rivers","Rivers"]],null,[],[],null,[],"",[],39]',0);
INSERT INTO "entries" VALUES(7,'["tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b","Item 4","https://www.example.org/4",1764921600,1767312000,"What item 4 says now","<div dir=\"auto\"><p>Some <em>text</em> with a <a href=\"https://www.example.org/elsewhere\">link</a>.</p></div>","","",14,5,null,[["rivers","Rivers"],["web","Web"]],null,[],[],null,[],"",[],102]',0);
INSERT INTO "entries" VALUES(8,'["tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb","Item 5","https://www.example.org/5",1765008000,1765008000,"What item 5 says","<div dir=\"auto\"><p>What item 5 says</p><h2>Related</h2><ul><li><a href=\"https://www.example.org/6\">Our own</a></li></ul></div>","","",15,5,null,[["ai","AI"],["c-plus-plus","C++"]],null,[],[],null,[[0,"https://www.example.org/6","https://www.example.org/6","Our own","",null,"",null,0,null,"tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506"]],"",[],39]',0);
INSERT INTO "entries" VALUES(9,'["tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d","Derived","https://www.example.org/50",1766966400,1766966400,"A link of ~one~ and two & bold, code {#id}\\ https://bare.example/ emphasis","<div dir=\"auto\"><p>A <a href=\"https://www.example.org/elsewhere\">link</a> of  ~one~ and <s>two</s> &amp; <b>bold</b>, <code>code {#id}</code>[^1]<br>\nhttps://bare.example/ <em>em**phasis</em></p>\n<table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td></td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>\n<p>[^1]: Some more.</p></div>","","",0,0,null,[],null,[],[],null,[],"",[],363]',0);
INSERT INTO "entries" VALUES(10,'["tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506","Item 6","https://www.example.org/6",1765094400,1765094400,"What item 6 says","<div dir=\"auto\"><p>What item 6 says</p></div>","","",16,5,null,[["c-plus-plus","C++"],["web","Web"]],null,[],[],null,[],"",[],39]',0);
INSERT INTO "entries" VALUES(15,'["tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f","Odd","https://www.example.org/caf%E9",1766217600,1766217600,"By its path","<div dir=\"auto\"><p>By its path</p></div>","","",3,0,null,[["rivers","Rivers"]],null,[],[],null,[],"",[],34]',0);
INSERT INTO "entries" VALUES(16,'["tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7","Odder","https://www.example.org/r%E9gion/bro%FFken",1767168000,1767168000,"By its path","<div dir=\"auto\"><p>By its path</p></div>","","",3,0,null,[["rivers","Rivers"]],null,[],[],null,[],"",[],34]',1);
CREATE TABLE entry_links (target INTEGER, story INTEGER, PRIMARY KEY (target, story))
        WITHOUT ROWID;
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
INSERT INTO "facts" VALUES('reading','5a1d0786fc5f6a7c5ad3fbd44393205d');
INSERT INTO "facts" VALUES('rendering','a7e0451dcd97680c76a27236f240c4fa');
INSERT INTO "facts" VALUES('selection','103fe00155d0b9065400a7a8172e1818');
INSERT INTO "facts" VALUES('whole','0');
CREATE TABLE feed_facts (feed INTEGER PRIMARY KEY, data TEXT NOT NULL);
INSERT INTO "feed_facts" VALUES(1,'[11,1767225600,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,3,2,1,3],[]]');
INSERT INTO "feed_facts" VALUES(2,'[4,1767225600,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,0,1],["\u00c9toile"]]');
INSERT INTO "feed_facts" VALUES(3,'[6,1765526400,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,4],["\u00c9toile"]]');
INSERT INTO "feed_facts" VALUES(4,'[4,1765526400,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,2],[]]');
INSERT INTO "feed_facts" VALUES(5,'[4,1767225600,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,1,2],[]]');
INSERT INTO "feed_facts" VALUES(6,'[0,null,[],[]]');
INSERT INTO "feed_facts" VALUES(7,'[1,1765440000,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1],["\u00c9toile"]]');
INSERT INTO "feed_facts" VALUES(8,'[1,1765526400,[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1],[]]');
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
INSERT INTO "feeds" VALUES(6,'topic','人工智能',0,'{"kind":"topic","key":"\u4eba\u5de5\u667a\u80fd","id":"tag:example.org,2026-01-01:feed/topic/161332dd5ba244f14566d9ccfc214dbb","slug":"\u4eba\u5de5\u667a\u80fd","label":"\u4eba\u5de5\u667a\u80fd","created":1767225600,"meta":"3a881d30945f1cad","withdrawn":1767312000}');
INSERT INTO "feeds" VALUES(7,'provider','étoile',0,'{"kind":"provider","key":"\u00e9toile","id":"tag:example.org,2026-01-01:feed/provider/e4729c715e44d9445358f398d2301b5d","slug":"\u00e9toile","label":"\u00c9toile","created":1767225600,"meta":"be2d5bfe3a42c416"}');
INSERT INTO "feeds" VALUES(8,'topic','again',0,'{"kind":"topic","key":"again","id":"tag:example.org,2026-01-01:feed/topic/b4c9e14061c2fd453b36700e3b0da008","slug":"again","label":"Again","created":1767225600,"meta":"4d6d7a3e65b5bc5a"}');
CREATE TABLE file_counts (status INTEGER PRIMARY KEY, files INTEGER NOT NULL);
INSERT INTO "file_counts" VALUES(0,11);
INSERT INTO "file_counts" VALUES(1,3);
INSERT INTO "file_counts" VALUES(2,1);
INSERT INTO "file_counts" VALUES(3,1);
INSERT INTO "file_counts" VALUES(4,1);
CREATE TABLE files (
        path BLOB PRIMARY KEY,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
        content TEXT NOT NULL,
        status INTEGER NOT NULL,
        identity INTEGER,           -- hash of the identity key of its copy
        copy TEXT,                  -- the copy (JSON), if it is or was an item
        story INTEGER
    ) WITHOUT ROWID;
INSERT INTO "files" VALUES(X'616761696E2E6D64',91,1796005044633177564,2171259,'bdd454a49756cec80651e4d1d492e6a4',3,-5934466753462070755,'["bdd454a49756cec80651e4d1d492e6a4","","","https://www.example.org/11","d814f051c51f3ff3","1-a38b.2b53c27111712d66",null,null,1,0,[["again","Again"]],0,"","","",false,""]',4);
INSERT INTO "files" VALUES(X'626172732E6D64',75,1796005045924175871,2170948,'3f8ebf9d4e1d6e0cbb25d298599bbec2',4,-8734833523477952476,'["3f8ebf9d4e1d6e0cbb25d298599bbec2","","",0,"","",null,null,0,2,[],0,"","","",true,"",["https://www.example.org/9"]]',NULL);
INSERT INTO "files" VALUES(X'636166E92E6D64',116,1796005044632843376,2171201,'dc621820b99a33e40daa6e6367c2470e',0,-7984291967399102670,'["dc621820b99a33e40daa6e6367c2470e","","",0,"e811472cf96a5584","1-a38b.3c4f557f3a45d733",1766217600,null,3,0,[["rivers","Rivers"]],0,"","","",false,"https://www.example.org/caf%E9"]',15);
INSERT INTO "files" VALUES(X'646572697665642E6D64',287,1796005044633382459,2171281,'36297c0531b65bb770c3eab305c58e2d',0,-353183865419522415,'["36297c0531b65bb770c3eab305c58e2d","","","https://www.example.org/50","c049befa7fe05238","1-a38b.bbe88cb7ddfc4ed7",1766966400,null,0,0,[],0,"","","",false,""]',9);
INSERT INTO "files" VALUES(X'6930302E6D64',213,1796005044633592382,2171010,'b6cc455979646d12d7cef77996b18f3d',0,5614671680218135427,'["b6cc455979646d12d7cef77996b18f3d","","https://www.example.org/0",0,"ee6cbb73827f5967","1-a38b.14d3dbc4cfa329f3",1764576000,null,10,0,[["ai","AI"],["c++","C++"]],0,"","","",false,""]',2);
INSERT INTO "files" VALUES(X'6930312E6D64',173,1796005044624383128,2171026,'455968ae65c192ce37769be1c7d9a1c5',0,-417156933503830525,'["455968ae65c192ce37769be1c7d9a1c5","","","https://www.example.org/1","be6158f29656f0ee","1-a38b.4446e60f9abbaf44",1764662400,null,11,0,[["c++","C++"],["web","Web"]],0,"","","",false,""]',3);
INSERT INTO "files" VALUES(X'6930322E6D64',189,1796005044627207494,2171041,'02c2c07a597429af86194e1fd93453d8',1,-8607491726111113146,'["02c2c07a597429af86194e1fd93453d8","","","https://www.example.org/2","de37260c6322e13b","1-a38b.abc70fa7dc625857",1764748800,null,12,1,["\u4eba\u5de5\u667a\u80fd"],0,"","","",false,""]',5);
INSERT INTO "files" VALUES(X'6930332E6D64',133,1796005044631289142,2171057,'4b90e95ecb658121d912c6f134c7489c',0,-1764879840151857021,'["4b90e95ecb658121d912c6f134c7489c","","","https://www.example.org/3","c7245356a7d80ea5","1-a38b.7f6adda33efe04fb",null,null,13,0,[["ai","AI"],["rivers","Rivers"]],0,"","","",false,""]',6);
INSERT INTO "files" VALUES(X'6930342E6D64',219,1796005045924053659,2171073,'3af9a963630df5fbef8153e7e4aca640',0,8021147247277982699,'["3af9a963630df5fbef8153e7e4aca640","","","https://www.example.org/4","6a1dd4836963cc32","1-a38b.908d4c196b2c68e0",1764921600,null,14,0,[["rivers","Rivers"],["web","Web"]],0,"","","",false,""]',7);
INSERT INTO "files" VALUES(X'6930352E6D64',243,1796005044631783969,2171089,'cd83a24764163958b38d39a6aaad73dc',0,3055680552230397000,'["cd83a24764163958b38d39a6aaad73dc","","","https://www.example.org/5","979427ce558898fc","1-a38b.c2d510e56357ff9e",1765008000,null,15,0,[["ai","AI"],["c++","C++"]],0,"","","",false,""]',8);
INSERT INTO "files" VALUES(X'6930362E6D64',173,1796005044631918810,2171105,'442cf5ea56f28b9169f701da1514c5c0',0,5295290890789263163,'["442cf5ea56f28b9169f701da1514c5c0","","","https://www.example.org/6","f98d30932b820717","1-a38b.440127b9563402e4",1765094400,null,16,0,[["c++","C++"],["web","Web"]],0,"","","",false,""]',10);
INSERT INTO "files" VALUES(X'6930372E6D64',189,1796005045923628175,2171121,'a1ae39f250310fa390e5acff16791528',1,-650984452292797495,'["a1ae39f250310fa390e5acff16791528","","","https://www.example.org/7","ea4341606ae0cbd1","1-a38b.c37127d862b9da47",1765180800,null,17,2,["\u4eba\u5de5\u667a\u80fd"],0,"","","",false,""]',11);
INSERT INTO "files" VALUES(X'6930392E6D64',176,1796005044632369401,2171153,'f785fda5d865b7810ef163414331afb3',1,1501310479245955349,'["f785fda5d865b7810ef163414331afb3","","","https://www.example.org/9","867ded243c94a8e5","1-a38b.be3a047852f9a559",1765353600,null,19,0,[["rivers","Rivers"],["web","Web"]],0,"","","",false,""]',13);
INSERT INTO "files" VALUES(X'6931302E6D64',27,1796005045923107680,2171169,'d49154794af234b08172e0d03fff8c5d',0,-8869927828155825119,'["c9186654daee07a3f17e42abc3cca32e","","https://other.example/10","https://www.example.org/10","0cbba45b3dc8608a","1-a38b.034dbfa8b4f4b38c",1765440000,null,20,0,[["ai","AI"],["c++","C++"]],["wissen","Wissen"],"\u00c9toile","","",true,""]',1);
INSERT INTO "files" VALUES(X'6931312E6D64',176,1796005044632721875,2171185,'82fa9ce6d8539f2e8f232f1b6709a452',0,-5934466753462070755,'["82fa9ce6d8539f2e8f232f1b6709a452","","","https://www.example.org/11","d814f051c51f3ff3","1-a38b.04b2e44f16e505bd",1765526400,null,21,0,[["c++","C++"],["web","Web"]],0,"","","",false,""]',4);
INSERT INTO "files" VALUES(X'6C617465722E6D64',92,1796005044633281599,2171265,'05228a0aa8d95f8bfcbec3a37355ee28',2,1720253563032362109,'["05228a0aa8d95f8bfcbec3a37355ee28","","","https://www.example.org/99","f31f2248953001f0","1-a38b.75167a6b238df6aa",1798761600,null,0,0,[],0,"","","",false,""]',14);
INSERT INTO "files" VALUES(X'72E967696F6E2F62726FFF6B656E2E6D64',27,1796005045923356741,2171233,'d49154794af234b08172e0d03fff8c5d',0,-4726218915474036025,'["e214549eab9e5eba0f5e4c3e728221f5","","",0,"ad1e4ff5678c6952","1-a38b.631c630d7906a6a9",1767168000,null,3,0,[["rivers","Rivers"]],0,"","","",true,"https://www.example.org/r%E9gion/bro%FFken"]',16);
CREATE TABLE members (
        feed INTEGER, entered INTEGER, story INTEGER, sealed INTEGER,
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
INSERT INTO "outputs" VALUES('archive/1/atom.xml',1,'atom','3c8def431f5d370a9a3a2ed18eadea35',3640,1796005045840004756,2172625);
INSERT INTO "outputs" VALUES('archive/1/feed.json',1,'json','f91a4fce55c6d28c356926036cab2b0e',2169,1796005045840285914,2172858);
INSERT INTO "outputs" VALUES('archive/1/rss.xml',1,'rss','e1000ae705789564e07e55725bd82177',3002,1796005045837069990,2172609);
INSERT INTO "outputs" VALUES('archive/2/atom.xml',1,'atom','1dc20477859e3b2ababe5ba7b9d5956d',1691,1796005046238834061,2172860);
INSERT INTO "outputs" VALUES('archive/2/feed.json',1,'json','b7763b0024d0860f9247ecf44a532789',907,1796005046240113416,2172861);
INSERT INTO "outputs" VALUES('archive/2/rss.xml',1,'rss','a7abcef5635cf4f7e5b92961b0f9212d',1391,1796005046229755181,2172561);
INSERT INTO "outputs" VALUES('archive/3/atom.xml',1,'atom','73930271a02bec7a321155b5a0fdd04e',6183,1796005045855532149,2172865);
INSERT INTO "outputs" VALUES('archive/3/feed.json',1,'json','b281fb21b657d35c1e24603d9f1155c2',3750,1796005045855891414,2172866);
INSERT INTO "outputs" VALUES('archive/3/rss.xml',1,'rss','f7e47cd71ed382e2b5481ff9b325dab4',4733,1796005045849069990,2172864);
INSERT INTO "outputs" VALUES('archive/4/atom.xml',1,'atom','926d2172e5199ad85f8053481fbcc42a',2705,1796005046249070005,2172868);
INSERT INTO "outputs" VALUES('archive/4/feed.json',1,'json','791053aa217371746a1c35eb040a87b2',1609,1796005046255390346,2172869);
INSERT INTO "outputs" VALUES('archive/4/rss.xml',1,'rss','b5b2e3d34d10499cfc0092fc48b885b6',2258,1796005046242383306,2172862);
INSERT INTO "outputs" VALUES('atom.xml',1,'atom','68a824659894e7ec72480b63271dae0c',3990,1796005046150359437,2171937);
INSERT INTO "outputs" VALUES('feed.json',1,'json','e47f81768fd4f821049def6e77b7b23a',2579,1796005046150636660,2171953);
INSERT INTO "outputs" VALUES('feedpub.css',1,'style','06694777fc18b8b69f20d6785e2dc24f',7587,1796005045875249481,2172873);
INSERT INTO "outputs" VALUES('feedpub.js',1,'script','43bc9727a2fb18880c4faf83da46baeb',1462,1796005045875558842,2172874);
INSERT INTO "outputs" VALUES('feeds.json',1,'feeds','96bdc71a099424fc845d4eff96cf9feb',4661,1796005046256692375,2172870);
INSERT INTO "outputs" VALUES('feeds.opml',1,'opml','0e26bb1844077ec639dca888a4c36da1',2406,1796005045870342830,2172871);
INSERT INTO "outputs" VALUES('index.html',1,'page','dfaf5dc19defc68a8725b20508b6fa7c',9981,1796005046150906622,2171969);
INSERT INTO "outputs" VALUES('providers/étoile/atom.xml',7,'atom','2face0982fcb5b0d66b86918c0713336',3728,1796005045495761399,2171393);
INSERT INTO "outputs" VALUES('providers/étoile/feed.json',7,'json','4132b56bc565cbfa3d216a3f7537e5da',2337,1796005045495921427,2171409);
INSERT INTO "outputs" VALUES('providers/étoile/index.html',7,'page','f0964f142506f8b9807cb642863471de',4725,1796005045496055076,2171426);
INSERT INTO "outputs" VALUES('providers/étoile/rss.xml',7,'rss','51fe692d8ac8540c44c57f44dfa53610',2460,1796005045493069978,2171377);
INSERT INTO "outputs" VALUES('rss.xml',1,'rss','cee3eb40221cf4aece85df310fd60164',3103,1796005046146360237,2171921);
INSERT INTO "outputs" VALUES('topics/again/atom.xml',8,'atom','0bc93b24c48c81b7e72732f9557c061a',1450,1796005045500663979,2171489);
INSERT INTO "outputs" VALUES('topics/again/feed.json',8,'json','c4602fd51027975c00af65685e1ca85c',828,1796005045500806041,2171505);
INSERT INTO "outputs" VALUES('topics/again/index.html',8,'page','b32f970908b35ee74b0064330ce61532',3780,1796005045500947992,2171521);
INSERT INTO "outputs" VALUES('topics/again/rss.xml',8,'rss','66a02d95c19d95dc73c7a5caafb1879d',1121,1796005045499746623,2171473);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/atom.xml',2,'atom','687118bbd63a7a3e7bd01e3750d1be06',5362,1796005046165070002,2172033);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/feed.json',2,'json','c9295c7fed56aeb1cf54a366e0dcbc4c',3320,1796005046167833839,2172049);
INSERT INTO "outputs" VALUES('topics/ai/archive/1/rss.xml',2,'rss','ad73446373e578e75a8a8c4139384205',3852,1796005046153070001,2171985);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/atom.xml',2,'atom','ff4b96717a1b85abbcb28177df415c87',1590,1796005045757433433,2172113);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/feed.json',2,'json','f77d0e5ce161b06e1e61b91cc498c4a3',947,1796005045757625509,2172129);
INSERT INTO "outputs" VALUES('topics/ai/archive/2/rss.xml',2,'rss','de37d6522b1f79e2179a2d73e74e2d4f',1271,1796005045757212133,2172097);
INSERT INTO "outputs" VALUES('topics/ai/atom.xml',2,'atom','73dd9742b5ac2335aaf82af7663a5b6d',5917,1796005046047147897,2171553);
INSERT INTO "outputs" VALUES('topics/ai/feed.json',2,'json','31c8c95a7a44f76d24a5f2641afee6ad',3742,1796005046047426692,2171569);
INSERT INTO "outputs" VALUES('topics/ai/index.html',2,'page','6f5720ba0f7daa3f52548fcbdae9e197',5855,1796005046047659770,2171585);
INSERT INTO "outputs" VALUES('topics/ai/rss.xml',2,'rss','0a755a40a01b27fc33978446825898cc',4177,1796005046041069997,2172644);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/atom.xml',3,'atom','2cfd53194c52e5782480b33c7e86c3f8',3684,1796005045768585000,2172193);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/feed.json',3,'json','f1fdd720fb78d333ae89fb8625fe728b',2173,1796005045768788803,2172209);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/1/rss.xml',3,'rss','182e5abb738f520ab41b921af72c5860',3001,1796005045765069987,2172177);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/atom.xml',3,'atom','a806b5ca0a8265bf331231e1a692c888',4641,1796005045770489916,2172257);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/feed.json',3,'json','3fd7fbf5460ee4a762e9d598863a7ffa',2811,1796005045770705898,2172273);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/archive/2/rss.xml',3,'rss','f8a11093060a8a38ba58a3e81fb58aed',3271,1796005045770258211,2172241);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/atom.xml',3,'atom','5a68398db50a24f783870fe6d30586c6',5887,1796005045525069979,2171649);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/feed.json',3,'json','abc5a673dfdb993cc4477f06a4f148d5',3608,1796005045527457700,2171665);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/index.html',3,'page','640102a80e19ea349be1740a884c2846',5846,1796005045527616927,2171681);
INSERT INTO "outputs" VALUES('topics/c-plus-plus/rss.xml',3,'rss','5274c6c23b254107297907600090d114',4278,1796005045522502336,2171633);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/atom.xml',5,'atom','4d9a5f1de37fadded16dbc333c1f3958',2278,1796005046197070003,2172321);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/feed.json',5,'json','f70629c7f9d16b9cdddc5effa0c2bbe2',1292,1796005046199992769,2172337);
INSERT INTO "outputs" VALUES('topics/rivers/archive/1/rss.xml',5,'rss','2974e7903e03a8558e6e14b0f9eabcb0',1880,1796005046186149715,2172065);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/atom.xml',5,'atom','05093992343e3b9311c86e1aaf8d46ed',2810,1796005046202528566,2172385);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/feed.json',5,'json','a8ac70cd46fac7235ebdea2c8a39eeb5',1686,1796005046202832929,2172401);
INSERT INTO "outputs" VALUES('topics/rivers/archive/2/rss.xml',5,'rss','fea3cd7e1c07e2a57bac6ecc81de2fa6',2333,1796005046202181068,2172353);
INSERT INTO "outputs" VALUES('topics/rivers/atom.xml',5,'atom','c8d2bb3769fc967e7512be3ca1f2815c',3460,1796005046082127623,2171713);
INSERT INTO "outputs" VALUES('topics/rivers/feed.json',5,'json','97d4409a78e7bea6dabdca99e943b365',2141,1796005046083604047,2171729);
INSERT INTO "outputs" VALUES('topics/rivers/index.html',5,'page','11b1310d0d8fef0d2dc2064aa51b6ea2',5097,1796005046083854570,2171745);
INSERT INTO "outputs" VALUES('topics/rivers/rss.xml',5,'rss','18ddf2b1a9318e0686d0a58e7adb696f',2644,1796005046073069999,2171601);
INSERT INTO "outputs" VALUES('topics/web/archive/1/atom.xml',4,'atom','e3dab4d0a9b72f1ebca8e0584e29b308',2927,1796005046213070004,2172465);
INSERT INTO "outputs" VALUES('topics/web/archive/1/feed.json',4,'json','010a9cd2293cf722353a0838fcf7d6a2',1608,1796005046216208397,2172481);
INSERT INTO "outputs" VALUES('topics/web/archive/1/rss.xml',4,'rss','75b44bd2188f9d87578a1d9053f920ae',2435,1796005046206550405,2172417);
INSERT INTO "outputs" VALUES('topics/web/archive/2/atom.xml',4,'atom','09ef2e86ab6ddb9e89fda863ad99b160',2362,1796005046225070004,2172529);
INSERT INTO "outputs" VALUES('topics/web/archive/2/feed.json',4,'json','bbaf0c2ca2d137f7ca1b290868b798b8',1355,1796005046228159234,2172545);
INSERT INTO "outputs" VALUES('topics/web/archive/2/rss.xml',4,'rss','449c1faa0dea0e0e8e5aa98c2a39767d',1943,1796005046217778245,2172497);
INSERT INTO "outputs" VALUES('topics/web/atom.xml',4,'atom','93f47eedae57ed952006dd2e52d65ebb',3570,1796005046093069999,2171793);
INSERT INTO "outputs" VALUES('topics/web/feed.json',4,'json','96cb5bc8447877e002c7f70bbcccfabe',2040,1796005046095714121,2171810);
INSERT INTO "outputs" VALUES('topics/web/index.html',4,'page','ffca8ed053d0ef2159f8f456310515d7',4984,1796005046096026646,2171825);
INSERT INTO "outputs" VALUES('topics/web/rss.xml',4,'rss','821026f6f0cb626b1b97d67fc8b421f1',2830,1796005046086769671,2171761);
INSERT INTO "outputs" VALUES('topics/人工智能/atom.xml',6,'atom','a887465517b6da8b76b99582e359c3ba',1085,1796005046101070000,2171874);
INSERT INTO "outputs" VALUES('topics/人工智能/feed.json',6,'json','6712a277fc6b270afc3d6398a3ab51fb',691,1796005046103690549,2171889);
INSERT INTO "outputs" VALUES('topics/人工智能/index.html',6,'page','e93b45996a12721ff170f4cfa866bce7',3625,1796005046104042243,2171905);
INSERT INTO "outputs" VALUES('topics/人工智能/rss.xml',6,'rss','ab0c25fbbd8f43159a1c355845a0dc7a',623,1796005046097898854,2171841);
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
        data TEXT NOT NULL          -- the rest of it (JSON)
    );
INSERT INTO "stories" VALUES(1,0,NULL,1765440000,1765440000,'tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b','[1,2,3,7]','["tag:example.org,2026-01-01:item/71519ee04eab71f33b2d03e91cee214b",0,"","https://other.example/10","https://www.example.org/10","i10.md","0cbba45b3dc8608a",1765440000,"c9186654daee07a3f17e42abc3cca32e","1-a38b.034dbfa8b4f4b38c",1767225600,1765440000,1765440000,1765440000,0,null,null,null,""]');
INSERT INTO "stories" VALUES(2,0,NULL,1764576000,1764576000,'tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37','[1,2,3]','["tag:example.org,2026-01-01:item/2bc92d19dd04c31db290c5486edf1e37",0,"","https://www.example.org/0",0,"i00.md","ee6cbb73827f5967",1764576000,"b6cc455979646d12d7cef77996b18f3d","1-a38b.14d3dbc4cfa329f3",1767225600,1764576000,1764576000,1764576000,0,null,null,null,""]');
INSERT INTO "stories" VALUES(3,0,NULL,1764662400,1764662400,'tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27','[1,3,4]','["tag:example.org,2026-01-01:item/0025b2160764efadfc263e6ca2322a27","https://www.example.org/1","","","https://www.example.org/1","i01.md","be6158f29656f0ee",1764662400,"455968ae65c192ce37769be1c7d9a1c5","1-a38b.4446e60f9abbaf44",1767225600,1764662400,1764662400,1764662400,0,null,null,null,""]');
INSERT INTO "stories" VALUES(4,0,NULL,1765526400,1765526400,'tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6','[1,3,4,8]','["tag:example.org,2026-01-01:item/eede2ffa2f59e09b12ef3135e6fcaee6","https://www.example.org/11","","","https://www.example.org/11","i11.md","d814f051c51f3ff3",1765526400,"82fa9ce6d8539f2e8f232f1b6709a452","1-a38b.04b2e44f16e505bd",1767225600,1765526400,1765526400,1765526400,0,null,null,null,""]');
INSERT INTO "stories" VALUES(5,2,NULL,1764748800,1764748800,'tag:example.org,2026-01-01:item/1b4bf7eff0bc4c6f31e9107a4ddda814','[]','["tag:example.org,2026-01-01:item/1b4bf7eff0bc4c6f31e9107a4ddda814","https://www.example.org/2","","","https://www.example.org/2","i02.md","de37260c6322e13b",1764748800,"02c2c07a597429af86194e1fd93453d8","1-a38b.abc70fa7dc625857",1767225600,1764748800,0,null,2,null,null,null,""]');
INSERT INTO "stories" VALUES(6,0,NULL,1767225600,1767225600,'tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f','[1,2,5]','["tag:example.org,2026-01-01:item/ca38c8cb7e8ba6565751a79c46869e8f","https://www.example.org/3","","","https://www.example.org/3","i03.md","c7245356a7d80ea5",null,"4b90e95ecb658121d912c6f134c7489c","1-a38b.7f6adda33efe04fb",1767225600,1767225600,1767225600,1767225600,0,null,null,null,""]');
INSERT INTO "stories" VALUES(7,0,NULL,1764921600,1767312000,'tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b','[1,4,5]','["tag:example.org,2026-01-01:item/b911f86fefd18f6d1022a83a0274fa5b","https://www.example.org/4","","","https://www.example.org/4","i04.md","6a1dd4836963cc32",1764921600,"3af9a963630df5fbef8153e7e4aca640","1-a38b.908d4c196b2c68e0",1767225600,1764921600,1767312000,1764921600,0,null,null,null,""]');
INSERT INTO "stories" VALUES(8,0,NULL,1765008000,1765008000,'tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb','[1,2,3]','["tag:example.org,2026-01-01:item/bae7590e9b3c9b5b4f711dc65b5938eb","https://www.example.org/5","","","https://www.example.org/5","i05.md","979427ce558898fc",1765008000,"cd83a24764163958b38d39a6aaad73dc","1-a38b.c2d510e56357ff9e",1767225600,1765008000,1765008000,1765008000,0,null,null,null,""]');
INSERT INTO "stories" VALUES(9,0,NULL,1766966400,1766966400,'tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d','[1]','["tag:example.org,2026-01-01:item/89d0a24b1a743eacdb8b9a98a498f72d","https://www.example.org/50","","","https://www.example.org/50","derived.md","c049befa7fe05238",1766966400,"36297c0531b65bb770c3eab305c58e2d","1-a38b.bbe88cb7ddfc4ed7",1767225600,1766966400,1766966400,1766966400,0,null,null,null,""]');
INSERT INTO "stories" VALUES(10,0,NULL,1765094400,1765094400,'tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506','[1,3,4]','["tag:example.org,2026-01-01:item/d2d9cd6504729160aaae3f0b4f999506","https://www.example.org/6","","","https://www.example.org/6","i06.md","f98d30932b820717",1765094400,"442cf5ea56f28b9169f701da1514c5c0","1-a38b.440127b9563402e4",1767225600,1765094400,1765094400,1765094400,0,null,null,null,""]');
INSERT INTO "stories" VALUES(11,2,NULL,1765180800,1765180800,'tag:example.org,2026-01-01:item/c3b5c5faaa42ae1ac2aa42fd0305dd97','[]','["tag:example.org,2026-01-01:item/c3b5c5faaa42ae1ac2aa42fd0305dd97","https://www.example.org/7","","","https://www.example.org/7","i07.md","ea4341606ae0cbd1",1765180800,"a220b7e44fff204dbf28dab2c57f6ed7","1-a38b.c37127d862b9da47",1767225600,1765180800,1765180800,1765180800,2,null,1767312000,1769904000,""]');
INSERT INTO "stories" VALUES(12,3,NULL,1765267200,1765267200,'tag:example.org,2026-01-01:item/390bc008a0e4823264a6b2e8216718ca','[]','["tag:example.org,2026-01-01:item/390bc008a0e4823264a6b2e8216718ca","https://www.example.org/8","","","https://www.example.org/8","i08.md","0dde1c633ccf5d57",1765267200,"47a59beac2740e6fa3fa8327010a5694","1-a38b.f63f93bccecac72c",1767225600,1765267200,1765267200,1765267200,3,null,1767312000,1769904000,""]');
INSERT INTO "stories" VALUES(13,2,NULL,1765353600,1765353600,'tag:example.org,2026-01-01:item/3ab4b0d8ffdea6f1784b3e74283e9878','[]','["tag:example.org,2026-01-01:item/3ab4b0d8ffdea6f1784b3e74283e9878","https://www.example.org/9","","","https://www.example.org/9","i09.md","867ded243c94a8e5",1765353600,"f785fda5d865b7810ef163414331afb3","1-a38b.be3a047852f9a559",1767225600,1765353600,1765353600,1765353600,2,null,1767312000,1769904000,""]');
INSERT INTO "stories" VALUES(14,1,1798761600,1798761600,1798761600,'tag:example.org,2026-01-01:item/cb47481be213811799272bd49b098ad2','[]','["tag:example.org,2026-01-01:item/cb47481be213811799272bd49b098ad2","https://www.example.org/99","","","https://www.example.org/99","later.md","f31f2248953001f0",1798761600,"05228a0aa8d95f8bfcbec3a37355ee28","1-a38b.75167a6b238df6aa",1767225600,1798761600,0,null,1,1798761600,null,null,""]');
INSERT INTO "stories" VALUES(15,0,NULL,1766217600,1766217600,'tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f','[1,5]','["tag:example.org,2026-01-01:item/50b1b1b05a5ce38bfc8c39882ab5d05f","path:caf\udce9.md","","",0,"caf\udce9.md","e811472cf96a5584",1766217600,"dc621820b99a33e40daa6e6367c2470e","1-a38b.3c4f557f3a45d733",1767225600,1766217600,1766217600,1766217600,0,null,null,null,"https://www.example.org/caf%E9"]');
INSERT INTO "stories" VALUES(16,0,NULL,1767168000,1767168000,'tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7','[1,5]','["tag:example.org,2026-01-01:item/574e029e46eed8abe7b79f539f6980a7","path:r\udce9gion/bro\udcffken.md","","",0,"r\udce9gion/bro\udcffken.md","ad1e4ff5678c6952",1767168000,"e214549eab9e5eba0f5e4c3e728221f5","1-a38b.631c630d7906a6a9",1767225600,1767168000,1767168000,1767168000,0,null,null,null,"https://www.example.org/r%E9gion/bro%FFken"]');
CREATE TABLE story_keys (key INTEGER, story INTEGER, PRIMARY KEY (key, story)) WITHOUT ROWID;
INSERT INTO "story_keys" VALUES(-9148581667121539515,8);
INSERT INTO "story_keys" VALUES(-9082623709063359183,11);
INSERT INTO "story_keys" VALUES(-8976517921728942559,1);
INSERT INTO "story_keys" VALUES(-8869927828155825119,1);
INSERT INTO "story_keys" VALUES(-8815296795195833531,13);
INSERT INTO "story_keys" VALUES(-8607491726111113146,5);
INSERT INTO "story_keys" VALUES(-7984291967399102670,15);
INSERT INTO "story_keys" VALUES(-7786807720820503276,4);
INSERT INTO "story_keys" VALUES(-7203973250895612623,4);
INSERT INTO "story_keys" VALUES(-6915695935455563282,6);
INSERT INTO "story_keys" VALUES(-6172615402690770308,1);
INSERT INTO "story_keys" VALUES(-5934466753462070755,4);
INSERT INTO "story_keys" VALUES(-5677084664259062523,13);
INSERT INTO "story_keys" VALUES(-5505593314423224517,9);
INSERT INTO "story_keys" VALUES(-5016366334201614795,9);
INSERT INTO "story_keys" VALUES(-4726218915474036025,16);
INSERT INTO "story_keys" VALUES(-4353457443076148570,10);
INSERT INTO "story_keys" VALUES(-4261532457943880019,5);
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
INSERT INTO "story_keys" VALUES(-135510882745781974,7);
INSERT INTO "story_keys" VALUES(6915431739555275,15);
INSERT INTO "story_keys" VALUES(626715807439786859,15);
INSERT INTO "story_keys" VALUES(1377349589171311520,6);
INSERT INTO "story_keys" VALUES(1501310479245955349,13);
INSERT INTO "story_keys" VALUES(1720253563032362109,14);
INSERT INTO "story_keys" VALUES(1991695877820094258,12);
INSERT INTO "story_keys" VALUES(2933566556393266310,2);
INSERT INTO "story_keys" VALUES(2974933641809205292,12);
INSERT INTO "story_keys" VALUES(3010773032356774745,16);
INSERT INTO "story_keys" VALUES(3055680552230397000,8);
INSERT INTO "story_keys" VALUES(3715870927781656279,15);
INSERT INTO "story_keys" VALUES(3948726368883501372,3);
INSERT INTO "story_keys" VALUES(4195157227813750325,3);
INSERT INTO "story_keys" VALUES(5295290890789263163,10);
INSERT INTO "story_keys" VALUES(5492091910643444705,16);
INSERT INTO "story_keys" VALUES(5614671680218135427,2);
INSERT INTO "story_keys" VALUES(5806443084013744700,11);
INSERT INTO "story_keys" VALUES(6868199000167520471,8);
INSERT INTO "story_keys" VALUES(7463399234353941326,14);
INSERT INTO "story_keys" VALUES(7480461476071123992,10);
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
CREATE INDEX problems_path ON problems (path, source);
CREATE INDEX stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE INDEX entry_links_story ON entry_links (story);
CREATE INDEX outputs_feed ON outputs (feed);
CREATE INDEX withdrawals_expires ON withdrawals (expires);
CREATE INDEX withdrawals_story ON withdrawals (story);
CREATE INDEX archived_story ON archived (story);
CREATE INDEX archive_links_archive ON archive_links (feed, number);
CREATE INDEX members_unsealed ON members (feed) WHERE sealed IS NULL;
CREATE INDEX members_sealed ON members (feed, sealed, entered) WHERE sealed IS NOT NULL;
CREATE INDEX files_identity ON files (identity) WHERE identity IS NOT NULL;
CREATE INDEX files_story ON files (story) WHERE story IS NOT NULL;
CREATE TRIGGER files_come AFTER INSERT ON files BEGIN
        INSERT INTO file_counts VALUES (new.status, 1)
            ON CONFLICT (status) DO UPDATE SET files = files + 1;
    END;
CREATE TRIGGER files_go AFTER DELETE ON files BEGIN
        UPDATE file_counts SET files = files - 1 WHERE status = old.status;
    END;
CREATE TRIGGER files_turn AFTER UPDATE OF status ON files WHEN old.status != new.status BEGIN
        UPDATE file_counts SET files = files - 1 WHERE status = old.status;
        INSERT INTO file_counts VALUES (new.status, 1)
            ON CONFLICT (status) DO UPDATE SET files = files + 1;
    END;
COMMIT;
PRAGMA user_version = 9;
