# Makes each store a replica set with the users of its users.json; safe to repeat. Waits for stores that are not there yet.
set -eu
for store in referral scheduling notifications vault; do
  secrets=/run/secrets/$store-store
  if [ ! -s "$secrets/users.json" ]; then
    echo "The secrets of the $store store are missing: run 'make secrets', then the same again." >&2
    exit 1
  fi
  script=$(mktemp)
  cat > "$script" <<SCRIPT
const host = "$store-store:27017", users = $(cat "$secrets/users.json");
try { rs.status() } catch (error) { rs.initiate({_id: "rs0", members: [{_id: 0, host: host}]}) }
for (let left = 300; !db.hello().isWritablePrimary; left--) { if (!left) throw new Error(host + " did not become primary"); sleep(200) }
const own = db.getSiblingDB("$store");
for (const each of users) {
  const roles = [{role: each.role, db: "$store"}];
  if (own.getUser(each.user)) own.updateUser(each.user, {pwd: each.pwd, roles: roles});
  else own.createUser({user: each.user, pwd: each.pwd, roles: roles});
}
print(host + ": a replica set, with the users " + users.map(each => each.user).join(", "));
SCRIPT
  until mongosh --quiet "mongodb://root:$(cat "$secrets/root-password")@$store-store:27017/admin?directConnection=true" "$script"; do
    echo "$store-store is not there yet; trying again"
    sleep 1
  done
  rm "$script"
done
