using FedLab.Learning;
using Google.Protobuf;

namespace FedLab.Onnx;

/// <summary>Published models as ONNX files, which other software scores.</summary>
public static class OnnxExport
{
    /// <summary>Name of the output, with underscores after it where a feature has that name.</summary>
    public const string OutputName = "probability";

    /// <summary>
    /// The model as an ONNX file (IR version 8, opset 13, <c>ai.onnx.ml</c> 3); the same model gives the same bytes. There is one input a
    /// feature, named as the feature, of shape [rows, 1]: doubles with NaN for a missing value, or strings with the empty string. A string
    /// that is none of the feature's categories counts as missing. The one output is <see cref="OutputName"/>, doubles of shape [rows, 1].
    /// Scores equal <see cref="CreditModel.PredictProbabilities"/> to 1e-7: everything is computed in doubles, save the sum of the trees,
    /// which the standard's operator returns in single precision.
    /// </summary>
    /// <param name="model">The model.</param>
    public static byte[] ToOnnx(this CreditModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new OnnxGraph(model.Features);
        var margin = model switch
        {
            TreesModel trees => TreesGraph.Build(graph, trees),
            LogisticCreditModel logistic => LogisticGraph.Build(graph, logistic),
            _ => throw new ArgumentException($"A model of kind '{model.Kind}' has no ONNX form.", nameof(model)),
        };
        return graph.Finish(model.Kind, margin, OutputName).ToByteArray();
    }
}
