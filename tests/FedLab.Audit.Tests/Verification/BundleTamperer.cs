using System.Text;
using System.Text.Json.Nodes;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Verification;

/// <summary>Changes a bundle as somebody would who has its files, or also the key of one log.</summary>
internal sealed class BundleTamperer(TemporaryFolder bundle)
{
    internal string Folder => bundle.FullName;

    internal string PathOf(params string[] parts) => bundle[parts];

    internal List<string> Lines(string owner) => [.. File.ReadAllText(bundle["logs", owner, "entries.jsonl"]).Split('\n')[..^1]];

    internal JsonObject Entry(string owner, int index) => JsonNode.Parse(Lines(owner)[index])!.AsObject();

    internal int IndexOf(string owner, string type, int skip = 0) => Lines(owner).Select((line, index) => (line, index)).Where(item => item.line.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal)).Skip(skip).First().index;

    internal void Write(string owner, IEnumerable<string> lines) => File.WriteAllText(bundle["logs", owner, "entries.jsonl"], string.Concat(lines.Select(line => line + "\n")));

    /// <summary>Makes the recorded leaf hashes those of the entries as they now are.</summary>
    internal void RewriteLeaves(string owner) =>
        File.WriteAllBytes(bundle["logs", owner, "leaves.sha256"], [.. Lines(owner).SelectMany(line => MerkleHasher.HashLeaf(Encoding.UTF8.GetBytes(line)).ToArray())]);

    /// <summary>Numbers and chains the entries anew, as a log that always was so.</summary>
    internal void Rechain(string owner)
    {
        var lines = new List<string>();
        Sha256Hash previous = AuditEntry.PreviousOfFirst;
        foreach (string line in Lines(owner))
        {
            JsonObject entry = JsonNode.Parse(line)!.AsObject();
            entry["seq"] = lines.Count;
            entry["prev"] = previous.ToHex();
            byte[] bytes = FedLab.Audit.CanonicalJson.Serialize(entry);
            previous = MerkleHasher.HashLeaf(bytes);
            lines.Add(Encoding.UTF8.GetString(bytes));
        }

        Write(owner, lines);
        RewriteLeaves(owner);
    }

    /// <summary>Replaces all checkpoints by one over the entries as they are, signed with the log's own key.</summary>
    internal void Resign(string owner, bool keepOthers = false)
    {
        string folder = bundle["logs", owner, "checkpoints"];
        if (!keepOthers) foreach (string file in Directory.GetFiles(folder)) File.Delete(file);
        File.WriteAllBytes(Path.Combine(folder, "resigned.note"), SignHead(owner, Tree(owner)).ToBytes());
    }

    internal MerkleTree Tree(string owner)
    {
        var tree = new MerkleTree();
        foreach (string line in Lines(owner)) tree.Append(MerkleHasher.HashLeaf(Encoding.UTF8.GetBytes(line)));
        return tree;
    }

    internal SignedCheckpoint SignHead(string owner, MerkleTree tree) => SignHead(owner, tree.Size, tree.Root);

    internal SignedCheckpoint SignHead(string owner, long size, Sha256Hash root)
    {
        using Ed25519PrivateKey key = KeyOf(owner);
        string name = owner == "coordinator" ? TestLab.CoordinatorLog : owner;
        return SignedCheckpoint.Sign(new Checkpoint(name, size, root), NoteSigner.ForLog(name, key));
    }

    internal Ed25519PrivateKey KeyOf(string owner) => Ed25519PrivateKey.FromSeed(File.ReadAllBytes(bundle["logs", owner, "lock"]));

    /// <summary>Checkpoint files by size.</summary>
    internal string[] Checkpoints(string owner) => [.. Directory.GetFiles(bundle["logs", owner, "checkpoints"]).Order(StringComparer.Ordinal)];

    internal void Edit(string owner, int index, Action<JsonObject> change)
    {
        List<string> lines = Lines(owner);
        JsonObject entry = JsonNode.Parse(lines[index])!.AsObject();
        change(entry);
        lines[index] = Encoding.UTF8.GetString(FedLab.Audit.CanonicalJson.Serialize(entry));
        Write(owner, lines);
    }

    internal void EditDescription(Action<JsonObject> change)
    {
        JsonObject description = JsonNode.Parse(File.ReadAllText(bundle["audit.json"]))!.AsObject();
        change(description);
        File.WriteAllText(bundle["audit.json"], description.ToJsonString());
    }
}
