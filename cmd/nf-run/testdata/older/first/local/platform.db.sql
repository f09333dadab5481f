BEGIN TRANSACTION;
CREATE TABLE effects (
		seq      INTEGER PRIMARY KEY AUTOINCREMENT,
		time     INTEGER NOT NULL,
		op       TEXT NOT NULL,
		resource TEXT NOT NULL,
		change   TEXT NOT NULL,
		token    TEXT NOT NULL
	);
INSERT INTO "effects" VALUES(1,1795971638661599591,'team/projects/create-or-update-project','projects/shop','create','20261129-170038-588-2lo00-1-1');
INSERT INTO "effects" VALUES(2,1795971638695143256,'project/addons/put-addon','projects/shop/addons/orders','create','20261129-170038-588-2lo00-3-1');
INSERT INTO "effects" VALUES(3,1795971638801463814,'project/secrets/put-project-secret','projects/shop/secrets/session','create','20261129-170038-588-2lo00-4-1');
INSERT INTO "effects" VALUES(4,1795971638954492543,'team/projects/create-or-update-project','projects/shop','nothing','20261129-170038-827-vfsk3-1-1');
INSERT INTO "effects" VALUES(5,1795971638968347569,'project/addons/put-addon','projects/shop/addons/orders','update','20261129-170038-827-vfsk3-3-1');
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('secret',X'CFBF477FD340CA0668289F77C91C13942113251143A4E15DC73DB7B788CA4204');
CREATE TABLE resources (
		seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation
		key     TEXT NOT NULL UNIQUE,              -- projects/p/services/s
		parent  TEXT NOT NULL,                     -- projects/p/services
		type    TEXT NOT NULL,                     -- combined, build, ...
		created INTEGER NOT NULL,                  -- nanoseconds
		updated INTEGER NOT NULL,
		spec    TEXT NOT NULL,                     -- JSON, as it was asked for
		state   TEXT NOT NULL                      -- JSON, what was recorded
	);
INSERT INTO "resources" VALUES(1,'projects/shop','projects','project',1795971638661599591,1795971638661599591,'{"name":"Shop","region":"europe-west"}','{}');
INSERT INTO "resources" VALUES(2,'projects/shop/addons/orders','projects/shop/addons','addon',1795971638695143256,1795971638968347569,'{"billing":{"deploymentPlan":"nf-compute-20","replicas":1,"storage":8192,"storageClass":"ssd"},"name":"Orders","type":"mongodb","version":"7.0.31"}','{"steps":[{"kind":"provision","at":1795971638695143256,"for":80000000},{"kind":"scale","at":1795971638968347569,"for":60000000}]}');
INSERT INTO "resources" VALUES(3,'projects/shop/secrets/session','projects/shop/secrets','secret',1795971638801463814,1795971638801463814,'{"name":"Session","priority":10,"secretType":"environment","secrets":{"files":{},"variables":{"ORDERS":"orders","SESSION_KEY":"DAw1IxnbH+sfRcf0lcXt4u72031VK2TF"}}}','{}');
CREATE TABLE tokens (
		token  TEXT NOT NULL,
		op     TEXT NOT NULL,
		target TEXT NOT NULL,
		status INTEGER NOT NULL,
		body   TEXT NOT NULL,
		PRIMARY KEY (token, op, target)
	) WITHOUT ROWID;
CREATE INDEX resources_by_parent ON resources (parent, seq);
CREATE TRIGGER effects_stay BEFORE UPDATE ON effects BEGIN SELECT RAISE(ABORT, 'the log of effects is append-only'); END;
CREATE TRIGGER effects_are_kept BEFORE DELETE ON effects BEGIN SELECT RAISE(ABORT, 'the log of effects is append-only'); END;
INSERT INTO "sqlite_sequence" VALUES('resources',3);
INSERT INTO "sqlite_sequence" VALUES('effects',5);
COMMIT;
PRAGMA user_version = 1;
PRAGMA application_id = 1313238128;
