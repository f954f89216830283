using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Oracles;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>Microsoft SEAL (tests/oracles/seal) in a process of its own, started once for all tests of the collection.</summary>
public sealed class SealOracle() : NodeOracle("Microsoft SEAL", "seal", "node-seal")
{
    public const string Collection = "Microsoft SEAL";

    private int _sessions;

    /// <summary>Opens a session with parameters in SEAL's bytes.</summary>
    /// <param name="parameters">EncryptionParameters.</param>
    /// <param name="isSecure">Whether SEAL applies its own 128-bit table.</param>
    public SealSession Open(byte[] parameters, bool isSecure = true)
    {
        var name = $"{Interlocked.Increment(ref _sessions)}";
        Send(new JsonObject { ["do"] = "open", ["session"] = name, ["parameters"] = Convert.ToBase64String(parameters), ["security"] = isSecure ? 128 : 0 });
        return new SealSession(this, name);
    }

    internal JsonNode Send(JsonObject command)
    {
        var node = Exchange(command);
        return node["error"] is { } error ? throw new SealException($"{command["do"]}: {error}") : node;
    }
}

/// <summary>SEAL refused a command.</summary>
/// <param name="message">SEAL's words.</param>
public sealed class SealException(string message) : Exception(message);

[CollectionDefinition(SealOracle.Collection)]
public sealed class SealCollection : ICollectionFixture<SealOracle>;

/// <summary>One set of encryption parameters at the oracle, with named objects.</summary>
public sealed class SealSession(SealOracle oracle, string name) : IDisposable
{
    public void Put(string kind, string target, byte[] data) =>
        Send("put", ("kind", kind), ("name", target), ("data", Convert.ToBase64String(data)));

    public byte[] Get(string source, string compression = "none") =>
        Convert.FromBase64String((string)Send("get", ("name", source), ("compression", compression))["data"]!);

    /// <summary>The parameters as SEAL writes them.</summary>
    public byte[] Parameters(string compression = "none") =>
        Convert.FromBase64String((string)Send("parameters", ("compression", compression))["data"]!);

    /// <summary>Makes the keys 'public', 'relinearisation' and 'galois' of the key 'secret', and that too where it is missing.</summary>
    public void Generate(int[] steps, bool seeded = false) =>
        Send("generate", ("steps", JsonSerializer.SerializeToNode(steps)), ("seeded", seeded));

    public void Encode(string target, double[] values, double scale) =>
        Send("encode", ("values", JsonSerializer.SerializeToNode(values)), ("scale", scale), ("name", target));

    /// <summary>The real parts of the slots.</summary>
    public double[] Decode(string plaintext) => Send("decode", ("name", plaintext))["values"].Deserialize<double[]>()!;

    /// <summary>Encrypts under 'public' or 'secret', or under the secret key to the 'seeded' form.</summary>
    public void Encrypt(string plaintext, string target, string how = "public") =>
        Send("encrypt", ("plaintext", plaintext), ("name", target), ("how", how));

    public void Decrypt(string ciphertext, string target) => Send("decrypt", ("ciphertext", ciphertext), ("name", target));

    public void Evaluate(string target, string operation, params string[] operands) =>
        Send("evaluate", ("name", target), ("operation", operation), ("operands", JsonSerializer.SerializeToNode(operands)));

    public void Rotate(string target, string ciphertext, int steps) =>
        Send("evaluate", ("name", target), ("operation", "rotate"), ("operands", JsonSerializer.SerializeToNode(new[] { ciphertext, "galois" })), ("steps", steps));

    public void Dispose() => Send("close");

    private JsonNode Send(string command, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var message = new JsonObject { ["do"] = command, ["session"] = name };
        foreach (var (field, value) in fields)
            message[field] = value;
        return oracle.Send(message);
    }
}
