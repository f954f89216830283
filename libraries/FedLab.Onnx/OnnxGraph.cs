using System.Buffers.Binary;
using FedLab.Learning;
using FedLab.Onnx.Format;
using Google.Protobuf;

namespace FedLab.Onnx;

/// <summary>
/// A graph under construction. Every value has a name of its own; operations return the name of their result, so that a model reads
/// as the formula that it is.
/// </summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8;
    private const int OperatorSet = 13;
    private const int MachineLearningOperatorSet = 3;
    private const string MachineLearning = "ai.onnx.ml";

    /// <summary>TensorProto.DataType.</summary>
    private const int StringType = 8;
    private const int DoubleType = 11;

    private readonly GraphProto _graph = new();
    private readonly HashSet<string> _names;

    /// <summary>A graph with one input a feature.</summary>
    public OnnxGraph(IReadOnlyList<FeatureDefinition> features)
    {
        _names = new HashSet<string>(features.Select(feature => feature.Name), StringComparer.Ordinal);
        foreach (var feature in features)
            _graph.Input.Add(Column(feature.Name, feature.IsCategorical ? StringType : DoubleType));
    }

    /// <summary>An operation of the standard set.</summary>
    public string Add(string operation, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes) => AddNode("", operation, inputs, attributes);

    /// <summary>An operation of ai.onnx.ml.</summary>
    public string AddMachineLearning(string operation, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        AddNode(MachineLearning, operation, inputs, attributes);

    /// <summary>The value as doubles.</summary>
    public string ToDouble(string value) => Add("Cast", [value], Integer("to", DoubleType));

    /// <summary>Columns side by side.</summary>
    public string Concatenate(IReadOnlyList<string> columns) => columns.Count == 1 ? columns[0] : Add("Concat", columns, Integer("axis", 1));

    /// <summary>The columns of a value, one by one.</summary>
    /// <param name="value">Shape [rows, columns].</param>
    /// <param name="columns">How many it has.</param>
    public IReadOnlyList<string> Separate(string value, int columns)
    {
        if (columns == 1)
            return [value];
        var node = new NodeProto { OpType = "Split", Name = NewName("split"), Input = { value }, Attribute = { Integer("axis", 1) } };
        for (var column = 0; column < columns; column++)
            node.Output.Add(NewName("column"));
        _graph.Node.Add(node);
        return node.Output;
    }

    /// <summary>A text feature as numbers from 1 in the order of its categories; 0 where it is missing or unknown. Shape [rows, 1].</summary>
    public string Codes(FeatureDefinition feature)
    {
        // The empty string is how a missing text is given. It is listed because an encoder without keys is malformed.
        string[] keys = ["", .. feature.Categories!];
        return AddMachineLearning(
            "LabelEncoder", [feature.Name], Texts("keys_strings", keys), Integers("values_int64s", Enumerable.Range(0, keys.Length).Select(code => (long)code)), Integer("default_int64", 0));
    }

    /// <summary>A constant of the graph.</summary>
    public string Constant(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape)
    {
        var tensor = Doubles(values, shape);
        tensor.Name = NewName("constant");
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>The file: the probability of a margin as the only output.</summary>
    public ModelProto Finish(string kind, string margin, string output)
    {
        output = Unused(output);
        var node = new NodeProto { OpType = "Sigmoid", Name = output, Input = { margin }, Output = { output } };
        _graph.Node.Add(node);
        _graph.Output.Add(Column(output, DoubleType));
        _graph.Name = kind;
        return new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "FedLab",
            ProducerVersion = typeof(OnnxGraph).Assembly.GetName().Version!.ToString(3),
            DocString = "Probability of label 1. Missing: NaN for a number, the empty string for a text.",
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OperatorSet },
                new OperatorSetIdProto { Domain = MachineLearning, Version = MachineLearningOperatorSet },
            },
            Graph = _graph,
        };
    }

    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Texts(string name, IEnumerable<string> values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    /// <summary>Numbers in double precision, which attributes hold only as tensors.</summary>
    public static AttributeProto Vector(string name, ReadOnlySpan<double> values)
    {
        var tensor = Doubles(values, [values.Length]);
        tensor.Name = name;
        return new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = tensor };
    }

    private string AddNode(string domain, string operation, IEnumerable<string> inputs, ReadOnlySpan<AttributeProto> attributes)
    {
        var result = NewName(operation.ToLowerInvariant());
        var node = new NodeProto { OpType = operation, Name = result, Input = { inputs }, Output = { result } };
        if (domain.Length > 0)
            node.Domain = domain;
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        _graph.Node.Add(node);
        return result;
    }

    private string NewName(string kind)
    {
        var name = Unused($"fedlab_{kind}_{_names.Count}");
        _names.Add(name);
        return name;
    }

    private string Unused(string name)
    {
        while (_names.Contains(name))
            name += "_";
        return name;
    }

    private static TensorProto Doubles(ReadOnlySpan<double> values, ReadOnlySpan<long> shape)
    {
        var bytes = new byte[values.Length * sizeof(double)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), values[i]);
        var tensor = new TensorProto { DataType = DoubleType, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        foreach (var length in shape)
            tensor.Dims.Add(length);
        return tensor;
    }

    private static ValueInfoProto Column(string name, int type) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = type,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "rows" }, new TensorShapeProto.Types.Dimension { DimValue = 1 } },
                },
            },
        },
    };
}
