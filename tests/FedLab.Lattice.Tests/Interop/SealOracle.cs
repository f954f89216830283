using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>Microsoft SEAL (tests/oracles/seal) in a process of its own, started once for all tests of the collection.</summary>
public sealed class SealOracle : IDisposable
{
    public const string Collection = "Microsoft SEAL";

    private readonly Lock _lock = new();
    private readonly Process _process;
    private int _sessions;

    public SealOracle()
    {
        var folder = Folder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "node-seal")))
            throw new InvalidOperationException($"Microsoft SEAL is not installed: run 'npm ci' in {folder}, or tests/run, which does.");
        var start = new ProcessStartInfo("node", ["oracle.mjs"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("The program 'node' is missing, with which the tests run Microsoft SEAL: install Node.js 18 or newer, or run tests/run, which does.", missing);
        }
    }

    /// <summary>Opens a session with parameters in SEAL's bytes.</summary>
    /// <param name="parameters">EncryptionParameters.</param>
    /// <param name="isSecure">Whether SEAL applies its own 128-bit table.</param>
    public SealSession Open(byte[] parameters, bool isSecure = true)
    {
        var name = $"{Interlocked.Increment(ref _sessions)}";
        Send(new JsonObject { ["do"] = "open", ["session"] = name, ["parameters"] = Convert.ToBase64String(parameters), ["security"] = isSecure ? 128 : 0 });
        return new SealSession(this, name);
    }

    public void Dispose()
    {
        // The end of its input ends the program.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    internal JsonNode Send(JsonObject command)
    {
        lock (_lock)
        {
            _process.StandardInput.WriteLine(command.ToJsonString());
            _process.StandardInput.Flush();
            var answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("Microsoft SEAL's process ended: 'node oracle.mjs' in tests/oracles/seal says why.");
            var node = JsonNode.Parse(answer)!;
            return node["error"] is { } error ? throw new SealException($"{command["do"]}: {error}") : node;
        }
    }

    private static string Folder()
    {
        for (var here = new DirectoryInfo(AppContext.BaseDirectory); here is not null; here = here.Parent)
        {
            var folder = Path.Combine(here.FullName, "tests", "oracles", "seal");
            if (File.Exists(Path.Combine(folder, "oracle.mjs")))
                return folder;
        }

        throw new InvalidOperationException("tests/oracles/seal was not found above the test program.");
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
