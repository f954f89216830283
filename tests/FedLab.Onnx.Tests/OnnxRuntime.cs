using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Learning;
using FedLab.Oracles;

namespace FedLab.Onnx.Tests;

/// <summary>ONNX Runtime (tests/oracles/onnx) in a process of its own, started once for all tests of the collection.</summary>
public sealed class OnnxRuntime() : NodeOracle("ONNX Runtime", "onnx", "onnxruntime-node")
{
    public const string Collection = "ONNX Runtime";

    /// <summary>Rows of one request, so that a line stays within some megabytes.</summary>
    private const int BatchRows = 20_000;

    private int _models;

    /// <summary>Loads a model and gives its probabilities for the rows of a table, whose missing texts become empty strings.</summary>
    public double[] Predict(CreditModel model, Table table)
    {
        var name = $"{Interlocked.Increment(ref _models)}";
        var loaded = Send(new JsonObject { ["do"] = "load", ["name"] = name, ["model"] = Convert.ToBase64String(model.ToOnnx()) });
        Assert.Equal(model.Features.Select(feature => feature.Name), loaded["inputs"].Deserialize<string[]>()!);
        Assert.Single(loaded["outputs"]!.AsArray());
        List<double> values = [];
        for (var first = 0; first < table.RowCount; first += BatchRows)
        {
            int[] rows = [.. Enumerable.Range(first, Math.Min(BatchRows, table.RowCount - first))];
            var inputs = new JsonObject();
            foreach (var feature in model.Features)
                inputs[feature.Name] = Values(table[feature.Name], rows);
            var answer = Send(new JsonObject { ["do"] = "run", ["name"] = name, ["rows"] = rows.Length, ["inputs"] = inputs });
            Assert.Equal([rows.Length, 1], answer["shape"].Deserialize<int[]>()!);
            Assert.Equal("float64", (string)answer["type"]!);
            values.AddRange(answer["values"].Deserialize<double[]>()!);
        }

        Send(new JsonObject { ["do"] = "close", ["name"] = name });
        return [.. values];
    }

    private static JsonArray Values(Column column, int[] rows) => column switch
    {
        NumericColumn numbers => new JsonArray([.. rows.Select(row => double.IsNaN(numbers.Values.Span[row]) ? null : (JsonNode)numbers.Values.Span[row])]),
        _ => new JsonArray([.. rows.Select(row => (JsonNode)(((CategoricalColumn)column).CategoryOf(row) ?? ""))]),
    };

    private JsonNode Send(JsonObject command)
    {
        var node = Exchange(command);
        return node["error"] is { } error ? throw new InvalidOperationException($"ONNX Runtime, {command["do"]}: {error}") : node;
    }
}

[CollectionDefinition(OnnxRuntime.Collection)]
public sealed class OnnxRuntimeCollection : ICollectionFixture<OnnxRuntime>;
