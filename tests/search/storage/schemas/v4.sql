BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE penchant_events (
	study VARCHAR(200) NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	trial INTEGER, 
	data JSON NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (study, number), 
	UNIQUE (study, trial), 
	FOREIGN KEY(study) REFERENCES penchant_studies (name)
);
INSERT INTO "penchant_events" VALUES('old',1,'state',NULL,'{"state": "created"}','2026-11-26 04:44:51.867393');
INSERT INTO "penchant_events" VALUES('old',2,'state',NULL,'{"state": "running"}','2026-11-26 04:44:51.898915');
INSERT INTO "penchant_events" VALUES('old',3,'state',NULL,'{"state": "finished"}','2026-11-26 04:44:57.032071');
CREATE TABLE penchant_ledger (
	study VARCHAR(200) NOT NULL, 
	modality VARCHAR(20) NOT NULL, 
	task VARCHAR(20) NOT NULL, 
	entry JSON NOT NULL, 
	PRIMARY KEY (study), 
	FOREIGN KEY(study) REFERENCES penchant_studies (name)
);
CREATE TABLE penchant_queue (
	study VARCHAR(200) NOT NULL, 
	owner VARCHAR(100) NOT NULL, 
	priority INTEGER NOT NULL, 
	submitted DATETIME NOT NULL, 
	runner VARCHAR(200), 
	heartbeat DATETIME, 
	attempts INTEGER NOT NULL, 
	not_before DATETIME NOT NULL, 
	"key" VARCHAR(200), 
	digest VARCHAR(64), 
	PRIMARY KEY (study), 
	UNIQUE (owner, "key"), 
	FOREIGN KEY(study) REFERENCES penchant_studies (name)
);
CREATE TABLE penchant_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT penchant_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "penchant_schema" VALUES('4');
CREATE TABLE penchant_studies (
	name VARCHAR(200) NOT NULL, 
	spec JSON NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created DATETIME NOT NULL, 
	seconds DOUBLE NOT NULL, 
	driver VARCHAR(200), 
	heartbeat DATETIME, 
	PRIMARY KEY (name)
);
INSERT INTO "penchant_studies" VALUES('old','{"identity": "58dbee8102d3", "dataset": "/tmp/penchant-old/blobs.npz", "modality": "image", "target": null, "task": "classification", "metric": {"name": "accuracy", "worst": 0.0, "best": 1.0, "is_geometric": false}, "dataset_fingerprint": "8f09952f0f9459b2", "dataset_notes": [], "operation_files": {}, "space": {"operations": ["convolution", "depthwise_convolution", "dilated_convolution"], "stems": ["convolutional", "linear", "patch"], "positions": ["none"], "heads": ["attention", "flatten", "last", "max", "mean"], "connections": ["dense", "highway", "plain", "residual", "rezero"], "normalizations": ["batch", "layer", "none", "rms"], "activations": ["gelu", "relu", "silu", "tanh"], "initializations": ["glorot", "he", "orthogonal"], "gates": ["cbam", "context_gate", "none", "squeeze_excitation"], "placements": ["before", "after"], "stages": [1, 3], "blocks": [1, 3], "widths": [16, 32, 64], "expansions": [0, 2], "dropouts": [0.0, 0.1, 0.2, 0.4], "options": {"convolution.kernel_size": [3, 5], "convolution.causal": [false], "depthwise_convolution.kernel_size": [3, 5], "depthwise_convolution.causal": [false], "dilated_convolution.kernel_size": [3, 5], "dilated_convolution.dilation": [2, 4], "dilated_convolution.causal": [false], "stem.convolutional.kernel_size": [3, 5], "stem.convolutional.stride": [1, 2], "stem.patch.size": [2, 4]}, "parameters": null, "task": {"grid": {"positions": [4, 4], "channels": 1}, "outputs": 2, "vocabulary": null, "kind": "classification"}, "any_stem": false}, "asked": null, "strategy": "penchant", "schedule": "halving", "seed": 0, "budget_seconds": null, "trials": 4, "horizon": 3, "workers": null, "address": null, "tracking_uri": "sqlite:////tmp/penchant-old/mlflow.db"}','finished','2026-11-26 04:44:51.865175',5.12782789099992442061e+00,NULL,NULL);
CREATE TABLE penchant_tokens (
	name VARCHAR(20) NOT NULL, 
	owner VARCHAR(100) NOT NULL, 
	scope VARCHAR(10) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME, 
	revoked DATETIME, 
	PRIMARY KEY (name)
);
CREATE TABLE penchant_verdicts (
	study VARCHAR(200) NOT NULL, 
	document JSON NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (study), 
	FOREIGN KEY(study) REFERENCES penchant_studies (name)
);
INSERT INTO "penchant_verdicts" VALUES('old','{"schema": 1, "study": "old", "dataset": "blobs", "metric": "accuracy", "higher_is_better": true, "sentence": "On blobs, only convolution was tried, so there is nothing to compare it with (expected best of 1 1.000 accuracy). Sealed test .958 (1 seed). The best network found is not shown to beat the hand-designed networks.", "winner": null, "winner_set": ["convolution"], "families": [{"family": "convolution", "trials": 1, "failed": 0, "expected_best": 1.0, "interval": [1.0, 1.0], "p_adjusted": 1.0, "in_winner_set": true, "curve": [1.0], "steps": 3, "gain_on_doubling": null, "still_learning": false, "rung_rank_correlation": null}], "components": [], "champion": {"fingerprint": "658892e9cde3743e", "architecture": {"stages": 2, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3, "stage1.convolution.causal": false, "stage1.blocks": 2, "stage2.operation": "convolution", "stage2.convolution.kernel_size": 3, "stage2.convolution.causal": false, "stage2.blocks": 2, "stem": "patch", "stem.patch.size": 2, "position": "none", "head": "mean", "downsampling": true, "connection": "residual", "gate": "none", "normalization": "batch", "normalization_placement": "before", "initialization": "he", "expansion": 0, "activation": "relu", "dropout": 0.0, "width": 32}, "families": ["convolution"], "parameters": 37538, "flops": 185472, "sealed_test": {"mean": 0.9583333333333334, "sd": null, "seeds": 1}, "runner_up": {"fingerprint": "409a7bada099ab07", "architecture": {"stages": 3, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3, "stage1.convolution.causal": false, "stage1.blocks": 1, "stage2.operation": "depthwise_convolution", "stage2.depthwise_convolution.kernel_size": 5, "stage2.depthwise_convolution.causal": false, "stage2.blocks": 2, "stage3.operation": "dilated_convolution", "stage3.dilated_convolution.kernel_size": 3, "stage3.dilated_convolution.dilation": 4, "stage3.dilated_convolution.causal": false, "stage3.blocks": 1, "stem": "patch", "stem.patch.size": 2, "position": "none", "head": "attention", "downsampling": false, "connection": "highway", "gate": "none", "normalization": "batch", "normalization_placement": "before", "initialization": "he", "expansion": 2, "activation": "gelu", "dropout": 0.2, "width": 64}, "families": ["convolution"], "sealed_test": null}, "landmarks": [{"name": "resnet", "sealed_test": {"mean": 0.9583333333333334, "sd": null, "seeds": 1}}], "beats_landmarks": false}, "fairness": {"equal_trials": null, "equal_parameters": null, "equal_time": null, "agree": true}, "budget": {"trials": 4, "core_seconds": 1.1561639649999051, "wall_seconds": 5.003139738999835, "worker_busy_share": 0.23108768199847063}, "undecided": ["whether the ranking lasts with longer training: convolution not trained twice as long", "whether the verdict holds at equal parameter counts", "components (connection, gate, attention kind, initialization, normalization, position) were not tested"]}','2026-11-26 04:44:57.013735');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'old');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MAXIMIZE',1,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,3,1.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,2,3,1.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,3,3,1.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,4,3,1.0,'FINITE');
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'stages',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(2,1,'stage1.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(3,1,'stage1.convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(4,1,'stage1.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(5,1,'stage2.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(6,1,'stage2.convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(7,1,'stage2.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(8,1,'stem',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolutional", "linear", "patch"]}}');
INSERT INTO "trial_params" VALUES(9,1,'stem.patch.size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(10,1,'head',4.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["attention", "flatten", "last", "max", "mean"]}}');
INSERT INTO "trial_params" VALUES(11,1,'downsampling',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [false, true]}}');
INSERT INTO "trial_params" VALUES(12,1,'connection',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["dense", "highway", "plain", "residual", "rezero"]}}');
INSERT INTO "trial_params" VALUES(13,1,'gate',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cbam", "context_gate", "none", "squeeze_excitation"]}}');
INSERT INTO "trial_params" VALUES(14,1,'normalization',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["batch", "layer", "none", "rms"]}}');
INSERT INTO "trial_params" VALUES(15,1,'normalization_placement',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["before", "after"]}}');
INSERT INTO "trial_params" VALUES(16,1,'initialization',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["glorot", "he", "orthogonal"]}}');
INSERT INTO "trial_params" VALUES(17,1,'expansion',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0, 2]}}');
INSERT INTO "trial_params" VALUES(18,1,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["gelu", "relu", "silu", "tanh"]}}');
INSERT INTO "trial_params" VALUES(19,1,'dropout',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1, 0.2, 0.4]}}');
INSERT INTO "trial_params" VALUES(20,1,'width',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32, 64]}}');
INSERT INTO "trial_params" VALUES(21,1,'recipe.learning_rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(22,1,'recipe.weight_decay',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(23,1,'recipe.batch_size',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32]}}');
INSERT INTO "trial_params" VALUES(24,1,'recipe.label_smoothing',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1]}}');
INSERT INTO "trial_params" VALUES(25,1,'recipe.augmentation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["none", "shift", "shift_flip"]}}');
INSERT INTO "trial_params" VALUES(26,2,'stages',3.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(27,2,'stage1.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(28,2,'stage1.convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(29,2,'stage1.blocks',1.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(30,2,'stage2.operation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(31,2,'stage2.depthwise_convolution.kernel_size',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(32,2,'stage2.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(33,2,'stage3.operation',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(34,2,'stage3.dilated_convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(35,2,'stage3.dilated_convolution.dilation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(36,2,'stage3.blocks',1.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(37,2,'stem',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolutional", "linear", "patch"]}}');
INSERT INTO "trial_params" VALUES(38,2,'stem.patch.size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(39,2,'head',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["attention", "flatten", "last", "max", "mean"]}}');
INSERT INTO "trial_params" VALUES(40,2,'downsampling',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [false, true]}}');
INSERT INTO "trial_params" VALUES(41,2,'connection',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["dense", "highway", "plain", "residual", "rezero"]}}');
INSERT INTO "trial_params" VALUES(42,2,'gate',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cbam", "context_gate", "none", "squeeze_excitation"]}}');
INSERT INTO "trial_params" VALUES(43,2,'normalization',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["batch", "layer", "none", "rms"]}}');
INSERT INTO "trial_params" VALUES(44,2,'normalization_placement',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["before", "after"]}}');
INSERT INTO "trial_params" VALUES(45,2,'initialization',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["glorot", "he", "orthogonal"]}}');
INSERT INTO "trial_params" VALUES(46,2,'expansion',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0, 2]}}');
INSERT INTO "trial_params" VALUES(47,2,'activation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["gelu", "relu", "silu", "tanh"]}}');
INSERT INTO "trial_params" VALUES(48,2,'dropout',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1, 0.2, 0.4]}}');
INSERT INTO "trial_params" VALUES(49,2,'width',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32, 64]}}');
INSERT INTO "trial_params" VALUES(50,2,'recipe.learning_rate',4.99092584851601895473e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(51,2,'recipe.weight_decay',1.53873148487187268347e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(52,2,'recipe.batch_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32]}}');
INSERT INTO "trial_params" VALUES(53,2,'recipe.label_smoothing',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1]}}');
INSERT INTO "trial_params" VALUES(54,2,'recipe.augmentation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["none", "shift", "shift_flip"]}}');
INSERT INTO "trial_params" VALUES(55,3,'stages',3.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(56,3,'stage1.operation',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(57,3,'stage1.dilated_convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(58,3,'stage1.dilated_convolution.dilation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(59,3,'stage1.blocks',1.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(60,3,'stage2.operation',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(61,3,'stage2.dilated_convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(62,3,'stage2.dilated_convolution.dilation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(63,3,'stage2.blocks',1.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(64,3,'stage3.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(65,3,'stage3.convolution.kernel_size',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(66,3,'stage3.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(67,3,'stem',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolutional", "linear", "patch"]}}');
INSERT INTO "trial_params" VALUES(68,3,'head',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["attention", "flatten", "last", "max", "mean"]}}');
INSERT INTO "trial_params" VALUES(69,3,'downsampling',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [false, true]}}');
INSERT INTO "trial_params" VALUES(70,3,'connection',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["dense", "highway", "plain", "residual", "rezero"]}}');
INSERT INTO "trial_params" VALUES(71,3,'gate',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cbam", "context_gate", "none", "squeeze_excitation"]}}');
INSERT INTO "trial_params" VALUES(72,3,'normalization',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["batch", "layer", "none", "rms"]}}');
INSERT INTO "trial_params" VALUES(73,3,'normalization_placement',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["before", "after"]}}');
INSERT INTO "trial_params" VALUES(74,3,'initialization',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["glorot", "he", "orthogonal"]}}');
INSERT INTO "trial_params" VALUES(75,3,'expansion',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0, 2]}}');
INSERT INTO "trial_params" VALUES(76,3,'activation',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["gelu", "relu", "silu", "tanh"]}}');
INSERT INTO "trial_params" VALUES(77,3,'dropout',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1, 0.2, 0.4]}}');
INSERT INTO "trial_params" VALUES(78,3,'width',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32, 64]}}');
INSERT INTO "trial_params" VALUES(79,3,'recipe.learning_rate',3.1844327227695235459e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(80,3,'recipe.weight_decay',4.7721088662993762044e-05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(81,3,'recipe.batch_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32]}}');
INSERT INTO "trial_params" VALUES(82,3,'recipe.label_smoothing',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1]}}');
INSERT INTO "trial_params" VALUES(83,3,'recipe.augmentation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["none", "shift", "shift_flip"]}}');
INSERT INTO "trial_params" VALUES(84,4,'stages',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(85,4,'stage1.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(86,4,'stage1.convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(87,4,'stage1.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(88,4,'stage2.operation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolution", "depthwise_convolution", "dilated_convolution"]}}');
INSERT INTO "trial_params" VALUES(89,4,'stage2.convolution.kernel_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, 5]}}');
INSERT INTO "trial_params" VALUES(90,4,'stage2.blocks',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(91,4,'stem',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["convolutional", "linear", "patch"]}}');
INSERT INTO "trial_params" VALUES(92,4,'stem.patch.size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [2, 4]}}');
INSERT INTO "trial_params" VALUES(93,4,'head',4.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["attention", "flatten", "last", "max", "mean"]}}');
INSERT INTO "trial_params" VALUES(94,4,'downsampling',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [false, true]}}');
INSERT INTO "trial_params" VALUES(95,4,'connection',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["dense", "highway", "plain", "residual", "rezero"]}}');
INSERT INTO "trial_params" VALUES(96,4,'gate',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cbam", "context_gate", "none", "squeeze_excitation"]}}');
INSERT INTO "trial_params" VALUES(97,4,'normalization',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["batch", "layer", "none", "rms"]}}');
INSERT INTO "trial_params" VALUES(98,4,'normalization_placement',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["before", "after"]}}');
INSERT INTO "trial_params" VALUES(99,4,'initialization',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["glorot", "he", "orthogonal"]}}');
INSERT INTO "trial_params" VALUES(100,4,'expansion',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0, 2]}}');
INSERT INTO "trial_params" VALUES(101,4,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["gelu", "relu", "silu", "tanh"]}}');
INSERT INTO "trial_params" VALUES(102,4,'dropout',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1, 0.2, 0.4]}}');
INSERT INTO "trial_params" VALUES(103,4,'width',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32, 64]}}');
INSERT INTO "trial_params" VALUES(104,4,'recipe.learning_rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(105,4,'recipe.weight_decay',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(106,4,'recipe.batch_size',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [16, 32]}}');
INSERT INTO "trial_params" VALUES(107,4,'recipe.label_smoothing',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [0.0, 0.1]}}');
INSERT INTO "trial_params" VALUES(108,4,'recipe.augmentation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["none", "shift", "shift_flip"]}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'phase','"landmarks"');
INSERT INTO "trial_user_attributes" VALUES(2,1,'slot','"resnet"');
INSERT INTO "trial_user_attributes" VALUES(3,1,'architecture','{"stages": 2, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3, "stage1.convolution.causal": false, "stage1.blocks": 2, "stage2.operation": "convolution", "stage2.convolution.kernel_size": 3, "stage2.convolution.causal": false, "stage2.blocks": 2, "stem": "patch", "stem.patch.size": 2, "position": "none", "head": "mean", "downsampling": true, "connection": "residual", "gate": "none", "normalization": "batch", "normalization_placement": "before", "initialization": "he", "expansion": 0, "activation": "relu", "dropout": 0.0, "width": 32}');
INSERT INTO "trial_user_attributes" VALUES(4,1,'fingerprint','"658892e9cde3743e"');
INSERT INTO "trial_user_attributes" VALUES(5,1,'family','"convolution"');
INSERT INTO "trial_user_attributes" VALUES(6,1,'recipe','{"learning_rate": 0.003, "weight_decay": 0.001, "batch_size": 32, "label_smoothing": 0.0, "augmentation": "none"}');
INSERT INTO "trial_user_attributes" VALUES(7,1,'division','0');
INSERT INTO "trial_user_attributes" VALUES(8,1,'seed','0');
INSERT INTO "trial_user_attributes" VALUES(9,1,'horizon','3');
INSERT INTO "trial_user_attributes" VALUES(10,1,'stop','3');
INSERT INTO "trial_user_attributes" VALUES(11,1,'outcome:1','{"trial": 0, "start": 0, "stop": 3, "status": "trained", "reason": "", "search_score": 1.0, "confirm_score": 1.0, "test_score": null, "curve": [{"step": 2, "train_loss": 0.23627402633428574, "search_score": 1.0}, {"step": 3, "train_loss": 0.10084881633520126, "search_score": 1.0}], "seconds": 0.20981042299990804, "step_seconds": 0.040703395000036835, "parameters": 37538, "node": "here"}');
INSERT INTO "trial_user_attributes" VALUES(12,2,'phase','"census"');
INSERT INTO "trial_user_attributes" VALUES(13,2,'slot','"convolution/0"');
INSERT INTO "trial_user_attributes" VALUES(14,2,'architecture','{"stages": 3, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3, "stage1.convolution.causal": false, "stage1.blocks": 1, "stage2.operation": "depthwise_convolution", "stage2.depthwise_convolution.kernel_size": 5, "stage2.depthwise_convolution.causal": false, "stage2.blocks": 2, "stage3.operation": "dilated_convolution", "stage3.dilated_convolution.kernel_size": 3, "stage3.dilated_convolution.dilation": 4, "stage3.dilated_convolution.causal": false, "stage3.blocks": 1, "stem": "patch", "stem.patch.size": 2, "position": "none", "head": "attention", "downsampling": false, "connection": "highway", "gate": "none", "normalization": "batch", "normalization_placement": "before", "initialization": "he", "expansion": 2, "activation": "gelu", "dropout": 0.2, "width": 64}');
INSERT INTO "trial_user_attributes" VALUES(15,2,'fingerprint','"409a7bada099ab07"');
INSERT INTO "trial_user_attributes" VALUES(16,2,'family','"convolution"');
INSERT INTO "trial_user_attributes" VALUES(17,2,'recipe','{"learning_rate": 0.004990925848516019, "weight_decay": 0.0015387314848718727, "batch_size": 16, "label_smoothing": 0.1, "augmentation": "shift"}');
INSERT INTO "trial_user_attributes" VALUES(18,2,'division','0');
INSERT INTO "trial_user_attributes" VALUES(19,2,'seed','0');
INSERT INTO "trial_user_attributes" VALUES(20,2,'horizon','3');
INSERT INTO "trial_user_attributes" VALUES(21,2,'stop','3');
INSERT INTO "trial_user_attributes" VALUES(22,2,'outcome:1','{"trial": 1, "start": 0, "stop": 3, "status": "trained", "reason": "", "search_score": 1.0, "confirm_score": 1.0, "test_score": null, "curve": [{"step": 3, "train_loss": 0.3667151431242625, "search_score": 1.0}], "seconds": 0.37413965799987636, "step_seconds": 0.10050222499990014, "parameters": 190786, "node": "here"}');
INSERT INTO "trial_user_attributes" VALUES(23,3,'phase','"adaptive"');
INSERT INTO "trial_user_attributes" VALUES(24,3,'slot','"0"');
INSERT INTO "trial_user_attributes" VALUES(25,3,'architecture','{"stages": 3, "stage1.operation": "dilated_convolution", "stage1.dilated_convolution.kernel_size": 3, "stage1.dilated_convolution.dilation": 2, "stage1.dilated_convolution.causal": false, "stage1.blocks": 1, "stage2.operation": "dilated_convolution", "stage2.dilated_convolution.kernel_size": 3, "stage2.dilated_convolution.dilation": 4, "stage2.dilated_convolution.causal": false, "stage2.blocks": 1, "stage3.operation": "convolution", "stage3.convolution.kernel_size": 5, "stage3.convolution.causal": false, "stage3.blocks": 2, "stem": "linear", "position": "none", "head": "flatten", "downsampling": true, "connection": "plain", "gate": "context_gate", "normalization": "layer", "normalization_placement": "before", "initialization": "he", "expansion": 0, "activation": "silu", "dropout": 0.2, "width": 64}');
INSERT INTO "trial_user_attributes" VALUES(26,3,'fingerprint','"5297657215f9bde2"');
INSERT INTO "trial_user_attributes" VALUES(27,3,'family','"convolution"');
INSERT INTO "trial_user_attributes" VALUES(28,3,'recipe','{"learning_rate": 0.0031844327227695235, "weight_decay": 4.772108866299376e-05, "batch_size": 16, "label_smoothing": 0.0, "augmentation": "shift"}');
INSERT INTO "trial_user_attributes" VALUES(29,3,'division','0');
INSERT INTO "trial_user_attributes" VALUES(30,3,'seed','0');
INSERT INTO "trial_user_attributes" VALUES(31,3,'horizon','3');
INSERT INTO "trial_user_attributes" VALUES(32,3,'stop','3');
INSERT INTO "trial_user_attributes" VALUES(33,3,'outcome:1','{"trial": 2, "start": 0, "stop": 3, "status": "trained", "reason": "", "search_score": 1.0, "confirm_score": 1.0, "test_score": null, "curve": [{"step": 3, "train_loss": 0.38917835432706244, "search_score": 1.0}], "seconds": 0.31838434900009815, "step_seconds": 0.08816961000002266, "parameters": 296322, "node": "here"}');
INSERT INTO "trial_user_attributes" VALUES(34,4,'phase','"confirmation"');
INSERT INTO "trial_user_attributes" VALUES(35,4,'slot','"658892e9cde3743e/0"');
INSERT INTO "trial_user_attributes" VALUES(36,4,'architecture','{"stages": 2, "stage1.operation": "convolution", "stage1.convolution.kernel_size": 3, "stage1.convolution.causal": false, "stage1.blocks": 2, "stage2.operation": "convolution", "stage2.convolution.kernel_size": 3, "stage2.convolution.causal": false, "stage2.blocks": 2, "stem": "patch", "stem.patch.size": 2, "position": "none", "head": "mean", "downsampling": true, "connection": "residual", "gate": "none", "normalization": "batch", "normalization_placement": "before", "initialization": "he", "expansion": 0, "activation": "relu", "dropout": 0.0, "width": 32}');
INSERT INTO "trial_user_attributes" VALUES(37,4,'fingerprint','"658892e9cde3743e"');
INSERT INTO "trial_user_attributes" VALUES(38,4,'family','"convolution"');
INSERT INTO "trial_user_attributes" VALUES(39,4,'recipe','{"learning_rate": 0.003, "weight_decay": 0.001, "batch_size": 32, "label_smoothing": 0.0, "augmentation": "none"}');
INSERT INTO "trial_user_attributes" VALUES(40,4,'division','50000');
INSERT INTO "trial_user_attributes" VALUES(41,4,'seed','50000');
INSERT INTO "trial_user_attributes" VALUES(42,4,'horizon','3');
INSERT INTO "trial_user_attributes" VALUES(43,4,'stop','3');
INSERT INTO "trial_user_attributes" VALUES(44,4,'outcome:1','{"trial": 3, "start": 0, "stop": 3, "status": "trained", "reason": "", "search_score": 1.0, "confirm_score": 1.0, "test_score": 0.9583333333333334, "curve": [{"step": 2, "train_loss": 0.6849832981824875, "search_score": 0.8}, {"step": 3, "train_loss": 0.10204481333494186, "search_score": 1.0}], "seconds": 0.2538295350000226, "step_seconds": 0.029323347999934413, "parameters": 37538, "node": "here"}');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,1.0,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,1.0,'FINITE');
INSERT INTO "trial_values" VALUES(3,3,0,1.0,'FINITE');
INSERT INTO "trial_values" VALUES(4,4,0,1.0,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-26 04:44:55.542065','2026-11-26 04:44:55.852838');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-26 04:44:55.861933','2026-11-26 04:44:56.259725');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-26 04:44:56.273291','2026-11-26 04:44:56.622025');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-26 04:44:56.623466','2026-11-26 04:44:56.904741');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE INDEX ix_penchant_studies_state ON penchant_studies (state);
CREATE INDEX ix_penchant_queue_runner ON penchant_queue (runner);
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
CREATE INDEX ix_penchant_studies_created ON penchant_studies (created, name);
CREATE INDEX ix_penchant_ledger_comparable ON penchant_ledger (modality, task);
COMMIT;
