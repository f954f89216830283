using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.BadInput;

/// <summary>Files and command lines that are wrong: one sentence that names what and where, the right exit code, and nothing left behind.</summary>
public sealed class BadCommandTests : IDisposable
{
    private const int Usage = 2;
    private const int Failure = 1;

    private static readonly Dictionary<string, BadCase> Cases = new(StringComparer.Ordinal)
    {
        ["a file that is not there"] = new(Usage, ["missing.csv", "bank"], (folder, files) => Replace(files, "bank=", $"bank={folder.File("missing.csv")}")),
        ["a folder in place of a file"] = new(Usage, ["bank"], (folder, files) => Replace(files, "bank=", $"bank={folder.Path}")),
        ["an empty file"] = new(Failure, ["bank.csv"], Spoil(files => File.WriteAllText(files.Bank, ""))),
        ["a file with a header only"] = new(Failure, ["platform.csv"], Spoil(files => File.WriteAllText(files.Platform, "id,arrears,region\n"))),
        ["a label column that is not there"] = new(Failure, ["bank.csv", "defualt", "default"], (_, files) => Replace(files, "bank.default", "bank.defualt")),
        ["a key column that is not there"] = new(Failure, ["platform.csv", "\"id\""], Spoil(files => TwoFiles.Set(files.Platform, 1, 0, "enterprise"))),
        ["a few words in a numeric column"] = new(Failure, ["platform.csv", "line 120", "arrears", "many"], Spoil(files => TwoFiles.Set(files.Platform, 120, 1, "many"))),
        ["an infinity"] = new(Failure, ["bank.csv", "line 57", "balance"], Spoil(files => TwoFiles.Set(files.Bank, 57, 1, "1e400"))),
        ["an infinity in words"] = new(Failure, ["bank.csv", "line 58", "balance"], Spoil(files => TwoFiles.Set(files.Bank, 58, 1, "-Infinity"))),
        ["a label that is neither 0 nor 1"] = new(Failure, ["bank.csv", "line 9", "default"], Spoil(files => TwoFiles.Set(files.Bank, 9, 2, "2"))),
        ["a missing label"] = new(Failure, ["bank.csv", "line 9", "default"], Spoil(files => TwoFiles.Set(files.Bank, 9, 2, ""))),
        ["a row that is too short"] = new(Failure, ["platform.csv", "line 4"], Spoil(files => File.WriteAllText(files.Platform, "id,arrears,region\ne0,1,north\ne1,2,south\ne2,3\n"))),
        ["a quote that is never closed"] = new(Failure, ["platform.csv", "line 3"], Spoil(files => File.WriteAllText(files.Platform, "id,arrears,region\ne0,1,north\ne1,2,\"south\ne2,3,north\n"))),
        ["semicolons in place of commas"] = new(Failure, ["bank.csv", "id"], Spoil(files => File.WriteAllText(files.Bank, File.ReadAllText(files.Bank).Replace(',', ';')))),
        ["a text that is not UTF-8"] = new(Failure, ["platform.csv", "line 3"], Spoil(files => File.WriteAllBytes(files.Platform, [.. "id,arrears,region\ne0,1,north\ne1,2,"u8, 0xB1, 0xB1, (byte)'\n']))),
        ["a .gz that is not compressed"] = new(Failure, ["platform.csv.gz"], (folder, files) => Replace(files, "platform=", $"platform={folder.Write("platform.csv.gz", File.ReadAllText(files.Platform))}")),
        ["a .gz that ends too early"] = new(Failure, ["platform.csv.gz"], (folder, files) => Replace(files, "platform=", $"platform={folder.Write("platform.csv.gz", Compressed(files.Platform)[..^200])}")),
        ["no row in common"] = new(Failure, ["bank.csv", "platform.csv", "--key"], Spoil(files => File.WriteAllText(files.Platform, File.ReadAllText(files.Platform).Replace("\ne", "\nother", StringComparison.Ordinal)))),
        ["one class only"] = new(Failure, ["bank.csv", "default"], Spoil(files => File.WriteAllText(files.Bank, File.ReadAllText(files.Bank).Replace(",1\n", ",0\n", StringComparison.Ordinal)))),
        ["10,000 columns"] = new(Failure, ["platform.csv", "10000"], Spoil(files => File.WriteAllText(files.Platform, Wide(10_000)))),
        ["two columns of one name"] = new(Failure, ["platform.csv", "arrears"], Spoil(files => TwoFiles.Set(files.Platform, 1, 2, "arrears"))),
        ["an unknown setting"] = new(Usage, ["tress", "trees"], Add("--set", "tress=50")),
        ["a setting out of range"] = new(Usage, ["bins", "100000"], Add("--set", "bins=100000")),
        ["a setting that is no number"] = new(Usage, ["learning-rate", "fast"], Add("--set", "learning-rate=fast")),
        ["a setting without a value"] = new(Usage, ["lambda"], Add("--set", "lambda")),
        ["a setting given twice"] = new(Usage, ["trees"], Add("--set", "trees=3")),
        ["an unknown flag"] = new(Usage, ["--tree", "simulate"], Add("--tree", "50")),
        ["an unknown command"] = new(Usage, ["simulat"], (_, _) => ["simulat"]),
        ["an unknown model"] = new(Usage, ["forest", "trees"], Add("--model", "forest")),
        ["the same party twice"] = new(Usage, ["bank"], (_, files) => [.. files.Simulate, "--party", $"bank={files.Platform}"]),
        ["one party alone"] = new(Usage, ["--party"], (_, files) => ["simulate", "--party", $"bank={files.Bank}", "--key", "id", "--label", "bank.default"]),
        ["a label without its party"] = new(Usage, ["default", "--label bank.default"], (_, files) => Replace(files, "bank.default", "default")),
        ["a label of no party"] = new(Usage, ["insurer.default", "bank", "platform"], (_, files) => Replace(files, "bank.default", "insurer.default")),
        ["a test fold that is none"] = new(Usage, ["5/5"], Add("--test-fold", "5/5")),
        ["a test column that is not there"] = new(Failure, ["bank.csv", "holdout"], Add("--test-column", "bank.holdout")),
        ["a port that is none"] = new(Usage, ["70000"], Add("--port", "70000")),
        ["a host that is an address"] = new(Usage, ["https://coordinator"], (_, _) => ["demo", "--prepare", "https://coordinator", "--out", "run"]),
        ["homes only, in memory"] = new(Usage, ["--prepare", "--in-memory"], (_, _) => ["demo", "--prepare", "coordinator", "--in-memory", "--out", "run"]),
        ["a language that does not exist"] = new(Usage, ["fr"], Add("--language", "fr")),
        ["an output folder that is not empty"] = new(Usage, ["run", "--out"], (folder, files) =>
        {
            Directory.CreateDirectory(folder.File("run"));
            folder.Write(Path.Combine("run", "precious.txt"), "untouched");
            return files.Simulate;
        }),
        ["an output folder that is a file"] = new(Usage, ["run", "--out"], (folder, files) =>
        {
            folder.Write("run", "untouched");
            return files.Simulate;
        }),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Cases.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_named_in_one_sentence_and_nothing_is_left(string name)
    {
        var bad = Cases[name];
        var arguments = bad.Prepare(_folder, TwoFiles.Write(_folder));
        var before = Contents();

        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, arguments), bad.ExitCode, bad.Named);

        Assert.Equal(before, Contents());
    }

    [Theory]
    [InlineData("a file that is not there")]
    [InlineData("an unknown setting")]
    [InlineData("a few words in a numeric column")]
    public async Task In_Chinese_the_sentence_is_another_one_and_names_the_same(string name)
    {
        var bad = Cases[name];
        var arguments = bad.Prepare(_folder, TwoFiles.Write(_folder));

        var sentence = Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, [.. arguments, "--language", "zh-CN"]), bad.ExitCode, bad.Named.Where(named => !named.StartsWith("line ", StringComparison.Ordinal)));

        Assert.True(sentence.Count(c => c is >= '\u4e00' and <= '\u9fff') > 8, sentence);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, [.. TwoFiles.Write(_folder).Simulate, "--port", port]), Failure, [port, "--port"]);

        Refusal.AssertNothingPublished(_folder.File("run"));
    }

    [Fact]
    public async Task Duplicate_keys_are_dropped_and_counted()
    {
        var files = TwoFiles.Write(_folder);
        File.AppendAllText(files.Platform, "e7,1,north\ne8,2,south\n E9 ,3,south\n");

        var report = Report((await FedLabProgram.RunAsync(_folder.Path, [.. files.Simulate, "--in-memory", "--no-baselines", "--json"])).Succeeded());

        var platform = report.GetProperty("identifiers").GetProperty("platform");
        Assert.Equal(3, platform.GetProperty("duplicates").GetInt32());
        Assert.Equal(TwoFiles.Rows + 3, platform.GetProperty("rowsRead").GetInt32());
        Assert.Equal(TwoFiles.Rows, report.GetProperty("alignedRows").GetInt32());
    }

    [Fact]
    public async Task Byte_order_mark_carriage_returns_quoted_commas_Chinese_headers_and_missing_values_work_through_all_processes()
    {
        var bank = new StringBuilder("\uFEFF企业编号,\"余额,万元\",违约\r\n");
        var platform = new StringBuilder("\uFEFF\"企业编号\",\"地区\",欠税\r\n");
        for (var row = 0; row < TwoFiles.Rows; row++)
        {
            int balance = row * 37 % 101, arrears = row * 53 % 17;
            bank.Append(CultureInfo.InvariantCulture, $"e{row},{(row % 19 == 0 ? "NaN" : balance)},{(balance < 40 && arrears > 6 ? 1 : 0)}\r\n");
            platform.Append(CultureInfo.InvariantCulture, $"\"E{row}\",\"{(row % 3 == 0 ? "北京，\"\"朝阳\"\", 东" : "上海")}\",{(row % 11 == 0 ? "" : arrears)}\r\n");
        }
        _folder.Write("银行.csv", bank.ToString());
        _folder.Write("平台.csv", platform.ToString());

        var report = Report((await FedLabProgram.RunAsync(
            _folder.Path,
            "simulate", "--party", "bank=银行.csv", "--party", "platform=平台.csv", "--key", "企业编号", "--label", "bank.违约", "--categorical", "platform.地区", "--set", "trees=3", "--set", "depth=2", "--out", "结果", "--json")).Succeeded());

        Assert.Equal(TwoFiles.Rows, report.GetProperty("alignedRows").GetInt32());
        Assert.True(report.GetProperty("audit").GetProperty("verified").GetBoolean());
        var manifest = File.ReadAllText(_folder.File("结果", "model", "manifest.json"));
        foreach (var feature in (string[])["余额,万元", "地区", "欠税"]) Assert.Contains(feature, manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("违约", manifest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--in-memory")]
    [InlineData("--no-baselines")]
    public async Task A_full_disk_ends_the_run_with_a_sentence_and_no_model(string way)
    {
        // A small file system in a mount namespace of its own, which only the command and its children see. What is left on it is shown at the end.
        const string OnASmallDisk = """disk="$1"; report="$2"; shift 2; mount -t tmpfs -o size=600k fedlab "$disk" || exit 77; "$@"; code=$?; find "$disk" > "$report"; exit $code""";
        Directory.CreateDirectory(_folder.File("disk"));
        var enterprises = Enterprises.Write(_folder, 900);
        string[] command = [ProgramLocator.Host, "exec", FedLabProgram.Path, "simulate", .. enterprises.Arguments, "--set", "trees=400", way, "--out", _folder.File("disk", "run")];

        await using var program = FedLabProgram.StartWith(_folder.Path, "unshare", ["--map-root-user", "--mount", "sh", "-c", OnASmallDisk, "sh", _folder.File("disk"), _folder.File("left.txt"), .. command]);
        var run = await program.EndAsync();

        if (run.ExitCode == 77 || run.Error.StartsWith("unshare:", StringComparison.Ordinal)) Assert.Skip("mounting a small file system is not allowed here");
        Refusal.Assert(run, Failure, [_folder.File("disk", "run")]);
        var left = await File.ReadAllLinesAsync(_folder.File("left.txt"), TestContext.Current.CancellationToken);
        Assert.Contains(_folder.File("disk", "run", "lab"), left);
        foreach (var name in (string[])["model", "run.json", "report.json"]) Assert.DoesNotContain(_folder.File("disk", "run", name), left);
    }

    private static JsonElement Report(ProgramRun run) => JsonDocument.Parse(run.Output).RootElement;

    private static Func<TemporaryFolder, TwoFiles, string[]> Spoil(Action<TwoFiles> spoil) => (_, files) =>
    {
        spoil(files);
        return files.Simulate;
    };

    private static Func<TemporaryFolder, TwoFiles, string[]> Add(params string[] arguments) => (_, files) => [.. files.Simulate, .. arguments];

    private static string[] Replace(TwoFiles files, string start, string replacement) =>
        [.. files.Simulate.Select(argument => argument.StartsWith(start, StringComparison.Ordinal) ? replacement : argument)];

    private static string Wide(int columns)
    {
        var names = string.Join(',', Enumerable.Range(1, columns - 1).Select(column => $"c{column}"));
        var values = string.Join(',', Enumerable.Repeat("1", columns - 1));
        return $"id,{names}\n" + string.Concat(Enumerable.Range(0, 20).Select(row => $"e{row},{values}\n"));
    }

    private static byte[] Compressed(string path)
    {
        using var output = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(output, System.IO.Compression.CompressionLevel.NoCompression)) gzip.Write(File.ReadAllBytes(path));
        return output.ToArray();
    }

    /// <summary>Everything in the folder with its length.</summary>
    private string[] Contents() =>
        [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => File.Exists(path) ? $"{path} {new FileInfo(path).Length}" : path)];

    /// <summary>Something wrong and what must be said of it.</summary>
    private sealed record BadCase(int ExitCode, string[] Named, Func<TemporaryFolder, TwoFiles, string[]> Prepare);
}
