using System.Buffers;
using System.Text.Json;

namespace FedLab.Learning;

/// <content>The canonical JSON form.</content>
public sealed partial class TreeEnsemble
{
    private const int MaximumJsonDepth = 8;

    /// <summary>
    /// The model as JSON without white space, the same bytes for the same model:
    /// <c>{"baseMargin":−1.2,"trees":[{"nodes":[{"source":0,"record":3,"left":1,"right":2},{"weight":0.1},{"weight":−0.2}]}]}</c>.
    /// </summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("baseMargin"u8, BaseMargin);
            writer.WriteStartArray("trees"u8);
            foreach (var tree in _trees)
            {
                writer.WriteStartObject();
                writer.WriteStartArray("nodes"u8);
                foreach (var node in tree.Nodes)
                    Write(writer, node);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="LearningException">The bytes are not such JSON, or the trees are none; the message says where.</exception>
    public static TreeEnsemble FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { MaxDepth = MaximumJsonDepth });
            var root = document.RootElement;
            CheckFields(root, "model", 2);
            var trees = Array(root, "trees", "model", MaximumTrees);
            return new TreeEnsemble(Number(root, "baseMargin", "model"), [.. trees.Select(ReadTree)]);
        }
        catch (JsonException exception)
        {
            throw new LearningException(Messages.ModelMalformed(Messages.Detail.NotJson).Message, exception);
        }
    }

    private static void Write(Utf8JsonWriter writer, TreeNode node)
    {
        writer.WriteStartObject();
        if (node.IsLeaf)
        {
            writer.WriteNumber("weight"u8, node.LeafWeight);
        }
        else
        {
            writer.WriteNumber("source"u8, node.Source);
            writer.WriteNumber("record"u8, node.Record);
            writer.WriteNumber("left"u8, node.Left);
            writer.WriteNumber("right"u8, node.Right);
        }

        writer.WriteEndObject();
    }

    private static Tree ReadTree(JsonElement element, int tree)
    {
        CheckFields(element, $"trees[{tree}]", 1);
        TreeNode[] nodes = [.. Array(element, "nodes", $"trees[{tree}]", Tree.MaximumNodes).Select((node, i) => ReadNode(node, $"trees[{tree}].nodes[{i}]"))];
        return Tree.Fault(nodes) is { } fault ? throw Messages.ModelMalformed(Messages.Detail.InTree(tree, fault)) : new Tree(nodes);
    }

    private static TreeNode ReadNode(JsonElement element, string where)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("weight", out _))
        {
            CheckFields(element, where, 1);
            return TreeNode.Leaf(Number(element, "weight", where));
        }

        CheckFields(element, where, 4);
        return new TreeNode(Integer(element, "source", where), Integer(element, "record", where), Integer(element, "left", where), Integer(element, "right", where), 0);
    }

    private static void CheckFields(JsonElement element, string where, int count)
    {
        if (element.ValueKind != JsonValueKind.Object || element.EnumerateObject().Count() != count)
            throw Messages.ModelMalformed(Messages.Detail.FieldCount(where, count));
    }

    private static JsonElement[] Array(JsonElement element, string name, string where, int limit)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > limit)
            throw Messages.ModelMalformed(Messages.Detail.FieldNotList($"{where}.{name}", limit));
        return [.. value.EnumerateArray()];
    }

    private static double Number(JsonElement element, string name, string where) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Messages.ModelMalformed(Messages.Detail.FieldNotFinite($"{where}.{name}"));

    private static int Integer(JsonElement element, string name, string where) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Messages.ModelMalformed(Messages.Detail.FieldNotWhole($"{where}.{name}"));
}
