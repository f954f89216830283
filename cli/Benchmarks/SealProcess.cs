using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Lattice;
using FedLab.Lattice.Interop;

namespace FedLab.Cli.Benchmarks;

/// <summary>Microsoft SEAL as WebAssembly (node-seal, tests/oracles/seal) in a process of its own, which times its own operations.</summary>
internal sealed class SealProcess : IDisposable
{
    private const string Program = "oracle.mjs";
    private const string Session = "bench";

    private readonly Process _process;

    private SealProcess(Process process) => _process = process;

    /// <summary>What SEAL can be asked for.</summary>
    public static bool Knows(LatticeOperation operation) => operation <= LatticeOperation.Rotate;

    /// <summary>Starts SEAL from the checkout that the current folder or this program is in.</summary>
    /// <exception cref="ClientException">Node.js, node-seal or the checkout is missing.</exception>
    public static SealProcess Start()
    {
        var folder = Find(Environment.CurrentDirectory) ?? Find(AppContext.BaseDirectory) ?? throw new ClientException(Messages.OracleNotFound(Environment.CurrentDirectory));
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "node-seal")))
            throw new ClientException(Messages.OracleNotInstalled(folder));
        var start = new ProcessStartInfo("node", [Program]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        try
        {
            return new SealProcess(Process.Start(start)!);
        }
        catch (Win32Exception missing)
        {
            throw new ClientException(Messages.OracleNeedsNode, missing);
        }
    }

    /// <summary>Takes parameters, makes keys, a plaintext and ciphertexts.</summary>
    /// <param name="parameters">The ring.</param>
    /// <param name="scaleBits">log2 of the scale.</param>
    public void Open(LatticeParameters parameters, int scaleBits)
    {
        var bytes = new ArrayBufferWriter<byte>();
        SealFormat.Write(parameters, bytes);
        Send(new JsonObject { ["do"] = "open", ["session"] = Session, ["parameters"] = Convert.ToBase64String(bytes.WrittenSpan), ["security"] = 128 });
        Send(new JsonObject { ["do"] = "generate", ["session"] = Session, ["steps"] = new JsonArray(1), ["seeded"] = false });
        Send(new JsonObject { ["do"] = "prepare", ["session"] = Session, ["scale"] = Math.ScaleB(1, scaleBits) });
    }

    /// <summary>Times one operation.</summary>
    /// <param name="operation">One that it <see cref="Knows"/>.</param>
    /// <param name="time">How long.</param>
    /// <returns>Least and median microseconds.</returns>
    public (double Minimum, double Median) Time(LatticeOperation operation, TimeSpan time)
    {
        var answer = Send(new JsonObject
        {
            ["do"] = "time",
            ["session"] = Session,
            ["operation"] = JsonNamingPolicy.CamelCase.ConvertName(operation.ToString()),
            ["milliseconds"] = time.TotalMilliseconds,
        });
        return (answer["minimum"]!.GetValue<double>(), answer["median"]!.GetValue<double>());
    }

    /// <summary>Forgets the keys and objects.</summary>
    public void Close() => Send(new JsonObject { ["do"] = "close", ["session"] = Session });

    /// <summary>Ends the process: it reads to the end of its input.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
            _process.Kill();
        _process.Dispose();
    }

    private static string? Find(string folder)
    {
        for (var parent = new DirectoryInfo(folder); parent is not null; parent = parent.Parent)
        {
            var candidate = Path.Combine(parent.FullName, "tests", "oracles", "seal");
            if (File.Exists(Path.Combine(candidate, Program)))
                return candidate;
        }
        return null;
    }

    private JsonNode Send(JsonObject command)
    {
        try
        {
            _process.StandardInput.WriteLine(command.ToJsonString());
            _process.StandardInput.Flush();
            if (_process.StandardOutput.ReadLine() is { } line && JsonNode.Parse(line) is { } answer)
                return answer["error"] is { } error ? throw new ClientException(Messages.OracleFailed(error.ToString())) : answer;
        }
        catch (Exception broken) when (broken is IOException or JsonException)
        {
            throw new ClientException(Messages.OracleFailed(broken.Message), broken);
        }
        throw new ClientException(Messages.OracleFailed("node"));
    }
}
