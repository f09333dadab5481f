package local

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A detail is one connection detail of an addon.
type detail struct {
	key    string // as secret groups name it: "POSTGRES_URI"
	value  string
	secret bool
}

// An endpoint is what connection details are made of.
type endpoint struct {
	host, port, database       string
	user, password             string
	adminUser, adminPassword   string
	tls                        bool
	external                   bool
	externalHost, externalPort string
}

// connectionDetails are those of the addon's type. Addon types of one's own have
// no table: they give every key that they are asked for.
func (c *call) connectionDetails(r *record) []detail {
	kind := jsonvalue.String(r.spec, "type")
	e := c.endpoint(r, kind)
	details := []detail{
		{"HOST", e.host, false},
		{"PORT", e.port, false},
		{"USERNAME", e.user, true},
		{"PASSWORD", e.password, true},
		{"TLS_ENABLED", fmt.Sprint(e.tls), false},
	}
	if kind != "redis" {
		details = append(details, detail{"ADMIN_USERNAME", e.adminUser, true}, detail{"ADMIN_PASSWORD", e.adminPassword, true})
	}
	switch kind {
	case "postgresql":
		details = append(details, detail{"DATABASE", e.database, false}, detail{"HOST_READ", "read." + strings.TrimPrefix(e.host, "primary."), false})
		details = append(details, e.uris("POSTGRES_URI", "postgresql", "?sslmode="+pick(e.tls, "require", "disable"))...)
		details = append(details, e.uris("JDBC_POSTGRES_URI", "jdbc:postgresql", "")...)
		details = append(details, detail{"CONNECT_COMMAND", "psql '" + e.uri("postgresql", e.user, e.password, e.host, e.port, "") + "'", true})
	case "mysql":
		details = append(details, detail{"DATABASE", e.database, false}, detail{"HOST_READ", "read." + strings.TrimPrefix(e.host, "primary."), false})
		details = append(details, e.uris("MYSQL_CONNECTOR_URI", "mysql", "")...)
		details = append(details, e.uris("MYSQL_JDBC_URI", "jdbc:mysql", "")...)
		details = append(details, detail{"CONNECT_COMMAND", fmt.Sprintf("mysql -h %s -P %s -u %s -p%s %s", e.host, e.port, e.user, e.password, e.database), true})
	case "mongodb":
		details = append(details, detail{"DATABASE", e.database, false}, detail{"REPLICA_SET", "rs0", false})
		details = append(details, e.uris("MONGO_SRV", "mongodb+srv", "?replicaSet=rs0&authSource="+e.database+"&tls="+fmt.Sprint(e.tls))...)
		details = append(details, e.uris("MONGO_URI", "mongodb", "?replicaSet=rs0&authSource="+e.database+"&tls="+fmt.Sprint(e.tls))...)
		details = append(details, detail{"CONNECT_COMMAND", "mongosh '" + e.uri("mongodb+srv", e.user, e.password, e.host, "", "") + "'", true})
	case "redis":
		scheme := pick(e.tls, "rediss", "redis")
		address := func(host string) string {
			return fmt.Sprintf("%s://%s:%s@%s:%s", scheme, e.user, e.password, host, e.port)
		}
		details = append(details, detail{"REDIS_CONNECT_COMMAND", "redis-cli -u " + address(e.host), true})
		if jsonvalue.Bool(r.spec, "typeSpecificSettings.redisSentinelEnabled") { // which takes the place of the others
			sentinel := "sentinel." + strings.TrimPrefix(e.host, "master.")
			details = append(details,
				detail{"HOST_SENTINEL", sentinel, false},
				detail{"PORT_SENTINEL", "26379", false},
				detail{"SENTINEL_GET_MASTER_COMMAND", fmt.Sprintf("redis-cli -h %s -p 26379 -a %s sentinel get-master-addr-by-name mymaster", sentinel, e.password), true})
		} else {
			details = append(details,
				detail{"REDIS_MASTER_URL", address(e.host), true},
				detail{"REDIS_SLAVE_URL", address("read." + strings.TrimPrefix(e.host, "master.")), true})
		}
	case "rabbitmq":
		port, scheme := pick(e.tls, "5671", "5672"), pick(e.tls, "amqps", "amqp")
		details = append(details,
			detail{"VHOST", e.database, false},
			detail{"AMQP_PORT", port, false},
			detail{"AMQP_CONNECTION_STRING", e.uri(scheme, e.user, e.password, e.host, port, ""), true},
			detail{"AMQP_CONNECTION_STRING_ADMIN", e.uri(scheme, e.adminUser, e.adminPassword, e.host, port, ""), true},
			detail{"MQTT_PORT", pick(e.tls, "8883", "1883"), false},
			detail{"HTTP_PORT", pick(e.tls, "15671", "15672"), false},
			detail{"MANAGEMENT_ENDPOINT", pick(e.tls, "https", "http") + "://" + e.host + ":" + pick(e.tls, "15671", "15672"), false},
			detail{"RABBITMQ_ADMIN_CMD", fmt.Sprintf("rabbitmqadmin -H %s -u %s -p %s", e.host, e.adminUser, e.adminPassword), true})
	case "minio":
		endpoint := pick(e.tls, "https", "http") + "://" + e.host + pick(e.tls, "", ":9000")
		details = append(details,
			detail{"MINIO_ENDPOINT", endpoint, false},
			detail{"MINIO_CONSOLE_ENDPOINT", strings.Replace(endpoint, "://minio.", "://console.", 1), false},
			detail{"ACCESS_KEY", e.user, true},
			detail{"SECRET_KEY", e.password, true},
			detail{"MINIO_CONNECT_COMMAND", fmt.Sprintf("mc alias set northflank %s %s %s", endpoint, e.user, e.password), true})
	}
	if e.external {
		for _, d := range details {
			d.key = "EXTERNAL_" + d.key
			d.value = strings.ReplaceAll(d.value, e.host, e.externalHost)
			details = append(details, d)
		}
		if kind == "mysql" {
			details = append(details, detail{"EXTERNAL_PORT_PRIMARY", e.externalPort, false})
		}
	}
	return details
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func (c *call) endpoint(r *record, kind string) endpoint {
	secret := hex.EncodeToString(c.derive("credentials", r.key))
	id := r.id()
	prefix, port := "primary", "8080"
	switch kind {
	case "postgresql":
		port = "5432"
	case "mysql":
		port = "3306"
	case "mongodb":
		prefix, port = "mongo", "27017"
	case "redis":
		prefix, port = "master", "6379"
	case "rabbitmq":
		prefix, port = "rabbitmq", "5672"
	case "minio":
		prefix, port = "minio", "9000"
	}
	domain := fmt.Sprintf("%s--%s.addon.code.run", id, label(c.derive("dns", r.key)[:12]))
	e := endpoint{
		host: prefix + "." + domain, port: port, tls: jsonvalue.Bool(r.spec, "tlsEnabled"),
		database: orDefault(jsonvalue.String(r.spec, "customCredentials.dbName"), "_"+secret[:12]),
		user:     secret[12:28], password: hex.EncodeToString(c.derive("password", r.key)[:17]),
		adminUser: "admin_" + secret[28:36], adminPassword: hex.EncodeToString(c.derive("admin password", r.key)[:17]),
		external: jsonvalue.Bool(r.spec, "externalAccessEnabled"), externalHost: "external." + prefix + "." + domain, externalPort: port,
	}
	if kind == "redis" {
		e.user = "default"
	}
	return e
}

func (e endpoint) uri(scheme, user, password, host, port, query string) string {
	address := host
	if port != "" && scheme != "mongodb+srv" {
		address += ":" + port
	}
	if strings.HasPrefix(scheme, "jdbc:") {
		return fmt.Sprintf("%s://%s/%s?user=%s&password=%s", scheme, address, e.database, url.QueryEscape(user), url.QueryEscape(password))
	}
	return fmt.Sprintf("%s://%s@%s/%s%s", scheme, url.UserPassword(user, password), address, url.PathEscape(e.database), query)
}

// uris are the connection strings of the user, of the administrator, and to read
// replicas.
func (e endpoint) uris(key, scheme, query string) []detail {
	replica := "read." + strings.TrimPrefix(e.host, "primary.")
	return []detail{
		{key, e.uri(scheme, e.user, e.password, e.host, e.port, query), true},
		{key + "_ADMIN", e.uri(scheme, e.adminUser, e.adminPassword, e.host, e.port, query), true},
		{key + "_READ", e.uri(scheme, e.user, e.password, replica, e.port, query), true},
	}
}

// connectionDetail finds a detail by its key.
func (c *call) connectionDetail(r *record, key string) (string, bool) {
	if r.typ == externalAddonType {
		return c.output(r, key)
	}
	for _, d := range c.connectionDetails(r) {
		if d.key == key {
			return d.value, true
		}
	}
	if !managed(jsonvalue.String(r.spec, "type")) {
		return hex.EncodeToString(c.derive("detail "+key, r.key)[:16]), true
	}
	return "", false
}

func getCredentials(c *call) (any, error) {
	r, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	envs, secrets := map[string]any{}, map[string]any{}
	for _, d := range c.connectionDetails(r) {
		envs[d.key] = d.value
		if d.secret {
			secrets[camel(d.key)] = d.value
		}
	}
	return map[string]any{"envs": envs, "secrets": secrets}, nil
}

// camel spells a key as credentials do: "ADMIN_USERNAME" is "adminUsername".
func camel(key string) string {
	var b strings.Builder
	for i, word := range strings.Split(strings.ToLower(key), "_") {
		if i > 0 && word != "" {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}
