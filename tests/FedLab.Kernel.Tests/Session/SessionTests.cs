using System.Globalization;
using FedLab.Kernel.Display;
using FedLab.Kernel.Session;
using FedLab.Notebook.Display;
using Microsoft.CodeAnalysis;

namespace FedLab.Kernel.Tests.Session;

public sealed class SessionTests
{
    public SessionTests() => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    [Fact]
    public void Each_cell_goes_on_from_the_ones_before()
    {
        var cells = new Cells();
        cells.Value("record Loan(string Name, int Months);\nint Twice(int x) => 2 * x;\nvar loan = new Loan(\"a\", 12);");
        Assert.Equal(24, cells.Value("await Task.Yield();\nTwice(loan.Months)"));
        Assert.Equal("Cell was 24", cells.Value("var text = $\"Cell was {Twice(loan.Months)}\"; text"));
    }

    [Fact]
    public void The_libraries_types_are_those_of_the_kernel()
    {
        // Loaded a second time they would look the same and be others: nothing that a cell shows would be recognised.
        var value = new Cells().Value("HTML(\"<b>x</b>\")");
        Assert.IsType<MimeBundle>(value);
    }

    [Fact]
    public void An_error_names_the_line_of_every_cell_that_it_came_through()
    {
        var cells = new Cells();
        cells.Value("int Divide(int d)\n{\n    return 1 / d;\n}\nasync Task<int> Later(int d)\n{\n    await Task.Yield();\n    return Divide(d);\n}");
        var lines = cells.Failure("var before = 5;\n\nawait Later(before - 5);");
        Assert.Equal(
            [
                "DivideByZeroException: Attempted to divide by zero.",
                "   Cell 1, line 3, in Divide: return 1 / d;",
                "   Cell 1, line 8, in Later: return Divide(d);",
                "   Cell 2, line 3: await Later(before - 5);",
            ],
            lines);
        Assert.Equal(5, cells.Value("before"));
    }

    [Theory]
    [InlineData("var numbers = new int[3];\nnumbers[7]", "   Cell 1, line 2: numbers[7]")]
    [InlineData("var numbers = new int[3];\n\nnumbers\n    .Select(x => 1 / x)\n    .Sum()", "   Cell 1, line 4: .Select(x => 1 / x)")]
    [InlineData("#!csharp\nthrow new Exception(\"x\");", "   Cell 1, line 2: throw new Exception(\"x\");")]
    [InlineData("class A { public A() { throw new Exception(\"x\"); } }\nnew A()", "   Cell 1, line 1, in .ctor: class A { public A() { throw new Exception(\"x\"); } }")]
    public void The_first_frame_is_the_line_that_failed(string code, string frame) => Assert.Equal(frame, new Cells().Failure(code)[1]);

    [Fact]
    public void An_error_of_the_compiler_has_its_line_below_it()
    {
        Assert.Equal(
            ["Cell 1, line 2, column 13: The name 'missing' does not exist in the current context (CS0103)", "    var b = a + missing;", "                ^^^^^^^"],
            new Cells().Failure("var a = 1;\nvar b = a + missing;"));
    }

    [Fact]
    public void Causes_are_named_and_an_aggregate_of_one_is_that_one()
    {
        var lines = new Cells().Failure("throw new AggregateException(new InvalidOperationException(\"outer\", new ArgumentException(\"inner\")));");
        Assert.Equal("InvalidOperationException: outer", lines[0]);
        Assert.Equal("caused by ArgumentException: inner", lines[^1]);
    }

    [Fact]
    public void What_a_library_of_the_lab_says_stands_alone()
    {
        var lines = new Cells().Failure("FedLab.Client.Labs.ProjectFolder.Open(\"/there/is/none\")");
        Assert.Single(lines);
        Assert.Contains("/there/is/none", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_in_the_language_of_the_notebook()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        var lines = new Cells().Failure("missing");
        Assert.Equal("单元格 1，第 1 行，第 1 列：当前上下文中不存在名称“missing”（CS0103）", lines[0]);
    }

    [Fact]
    public void Packages_are_refused_in_a_sentence() =>
        Assert.Contains("Packages are not fetched", new Cells().Failure("#r \"nuget: Newtonsoft.Json, 13.0.3\"")[0], StringComparison.Ordinal);

    [Fact]
    public async Task An_interrupt_ends_loops_waits_and_what_listens()
    {
        foreach (var code in new[]
                 {
                     "while (true) { }", "await Task.Yield(); while (true) { }", "new ManualResetEvent(false).WaitOne();", "await Task.Delay(-1);",
                     "while (true) { try { new ManualResetEvent(false).WaitOne(); } catch (Exception) { } }", "await Task.Delay(-1, NotebookHost.Interrupted);",
                     "IEnumerable<int> Slow() { while (true) { Thread.Sleep(400); yield return 1; } }\nSlow()",
                     "Enumerable.Range(0, int.MaxValue).Where(v => v < 0)", "from v in Enumerable.Range(0, int.MaxValue) where v < 0 select v", "IEnumerable<int> All() { for (var i = 0; ; i++) yield return i; }\nAll().Count(v => v < 0)",
                     "int Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);\nFibonacci(60)", "again: goto again;",
                     "from v in Enumerable.Range(0, int.MaxValue) let w = v group w by w % 2", "from v in Enumerable.Range(0, int.MaxValue) from w in new int[0] orderby w select w",
                     "from v in Enumerable.Range(0, int.MaxValue) join w in new[] { -1 } on v equals w select w",
                     "while (true) { try { while (true) { } } catch (Exception) { } }", "var list = new List<object>(); while (true) { list.Add(new object()); if (list.Count > 999) list.Clear(); }",
                 })
        {
            var cells = new Cells();
            cells.Value("var kept = 7;");
            Assert.Equal((code, "The cell was interrupted."), (code, await InterruptedAsync(cells, code)));
            Assert.Equal(7, cells.Value("kept"));
        }
    }

    [Fact]
    public async Task What_cannot_be_ended_is_left_behind_and_the_session_goes_on()
    {
        var cells = new Cells();
        cells.Value("var kept = 7;");
        // A pattern that tries every way to part the letters: seconds to minutes inside the library.
        var failure = await InterruptedAsync(cells, "kept = 8; var lost = System.Text.RegularExpressions.Regex.IsMatch(new string('a', 29), \"^(a+)+b$\");");
        Assert.StartsWith("The cell was interrupted. What it called last cannot be ended", failure, StringComparison.Ordinal);
        Assert.Equal(8, cells.Value("kept"));
        Assert.Contains("lost", cells.Failure("lost")[0], StringComparison.Ordinal);
    }

    private static async Task<string?> InterruptedAsync(Cells cells, string code)
    {
        using var interruption = new CellInterruption();
        FailureReport? failure = null;
        // Compiling can be interrupted as well; here it is to be the cell.
        var mark = Guid.NewGuid().ToString();
        var running = CellThread.RunAsync("test", () =>
        {
            NotebookHost.Enter(new NoHost(), interruption.Asked);
            failure = cells.Session.Run(9, $"AppDomain.CurrentDomain.SetData(\"{mark}\", true);\n{code}", interruption, static value => ValueFormatter.Format(value));
        });
        while (AppDomain.CurrentDomain.GetData(mark) is null && !running.IsCompleted) await Task.Delay(20, TestContext.Current.CancellationToken);
        interruption.Interrupt();
        await running.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        return failure?.Message;
    }

    [Fact]
    public async Task Waiting_for_a_task_in_a_cell_does_not_hang()
    {
        var cells = new Cells();
        object? value = null;
        await CellThread.RunAsync("test", () => value = cells.Value("async Task<int> F() { await Task.Delay(5); return 3; }\nF().GetAwaiter().GetResult()"))
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal(3, value);
    }

    [Theory]
    [InlineData("var n = 0; while (n < 3) n++; // three\nn", 3)]
    [InlineData("var n = 0; do n++; while (n < 3); for (;;) if (n++ > 5) break; else continue;\nn", 7)]
    [InlineData("var n = 0; foreach (var (a, b) in new[] { (1, 2), (3, 4) }) foreach (var c in new[] { a, b }) n += c;\nn", 10)]
    [InlineData("var n = 0; again: n++; if (n < 3) goto again;\nn", 3)]
    [InlineData("int Odd(int n)\n    => n == 0 ? 0 : Even(n - 1);\nint Even(int n) { return n == 0 ? 1 : Odd(n - 1); }\nEven(10)", 1)]
    [InlineData("var n = 0; void Up() => n++; async Task UpAsync() => await Task.Run(Up); async Task<int> Up2Async() => await Task.FromResult(2);\nawait UpAsync(); n + await Up2Async()", 3)]
    [InlineData("ref int First(int[] all) => ref all[0];\nvar all = new[] { 1 }; First(all) = 5; all[0]", 5)]
    [InlineData("Func<int, Func<int, int>> add = a => b => a + b; Func<byte> one = () => 1; var two = (int x) => x * 2;\nadd(1)(2) + one() + two(3)", 10)]
    [InlineData("var n = 0; Action up = () => n++; Action<int> by = delegate (int d) { n += d; }; Func<Task> later = async () => await Task.Yield();\nup(); by(2); await later(); await Task.Run(() => up()); n + await Task.Run(async () => await Task.FromResult(1))", 5)]
    [InlineData("IEnumerable<int> Some() { yield return 1; yield return 2; } async IAsyncEnumerable<int> LaterSome() { foreach (var v in Some()) { await Task.Yield(); yield return v; } }\nvar n = 0; await foreach (var v in LaterSome()) n += v; n + Some().Where(v => v > 1).Select(v => new { v }).Sum(v => v.v)", 5)]
    [InlineData("System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1; Func<int, int> two = x => x * 2;\ntwo(tree.Compile()(1)) + new[] { 1, 2 }.AsQueryable().Where(x => x > 1).Sum()", 6)]
    [InlineData("class Sums { static readonly int[] Known = new int[3]; static Sums() { for (var i = 0; i < 3; i++) Known[i] = i; } public int All() { var n = 0; try { } finally { foreach (var k in Known) n += k; } return n; } }\nnew Sums().All() + $\"{new[] { 1, 2 }.Count(x => x > 1)}\".Length", 4)]
    [InlineData("var few = from x in new[] { 1, 2, 3 } where x > 1 from y in new[] { x } let z = y where z < 9 select new { z };\nfew.Sum(v => v.z) + (from x in new[] { 1, 2 }.AsQueryable() where x > 1 && (from y in new[] { 1, 2 } where y > 1 select y).Any() select x * 2).Sum() + (from x in new[] { 1 } select x).Count()", 10)]
    [InlineData("var all = from x in new[] { 3, 1, 2 } join y in new[] { 1, 2, 3 } on x equals y into g from z in g orderby z descending, x group z by z % 2 into parts select parts.Sum() * parts.Key;\nall.Sum() + (from object o in new object[] { 1 } from int i in new object[] { 2 } select i).Sum() + (from q in new[] { 2, 1 }.AsQueryable() orderby q group q by q % 2 into h select h.Key).First()", 7)]
    public void A_cell_with_checkpoints_does_what_is_written(string code, int value)
    {
        var cells = new Cells();
        var text = Checkpoints.Insert(cells.Session.Understand(code));
        Assert.NotNull(text);
        Assert.Equal(code.Count(letter => letter == '\n'), text.Count(letter => letter == '\n'));
        Assert.DoesNotContain(cells.Session.Understand(text).GetDiagnostics(TestContext.Current.CancellationToken), found => found.Severity == DiagnosticSeverity.Error);
        Assert.Equal(value, Convert.ToInt32(cells.Value(code), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Checkpoints_move_no_line()
    {
        var cells = new Cells();
        cells.Value("int Divide(int d)\n\n    => 1\n        / d;");
        Assert.Equal(
            ["   Cell 1, line 3, in Divide: => 1", "   Cell 2, line 3: Divide(", "   Cell 2, line 1: new[] { 0 }"],
            cells.Failure("new[] { 0 }\n    .Select(x =>\n        Divide(\n            x)).ToList()").Skip(1));
    }

    [Theory]
    [InlineData("1 + 1", "complete", "")]
    [InlineData("var a = 1;", "complete", "")]
    [InlineData("?Console", "complete", "")]
    [InlineData("for (;;) {", "incomplete", "    ")]
    [InlineData("void F(int a)\n{\n    if (a > 0)\n    {", "incomplete", "        ")]
    [InlineData("var s = \"\"\"\n", "incomplete", "")]
    [InlineData("/* note", "incomplete", "")]
    [InlineData("var = = 3;", "invalid", "")]
    [InlineData("", "complete", "")]
    public void Whole_cells_are_known(string code, string state, string indent) => Assert.Equal((state, indent), Completeness.Of(code));

    [Theory]
    [InlineData("?Console.WriteLine", "Console.WriteLine")]
    [InlineData("Console?", "Console")]
    [InlineData("  ??List<int> ", "List<int>")]
    [InlineData("a ? b : c", null)]
    [InlineData("x?.y", null)]
    public void Questions_are_told_from_code(string code, string? name) => Assert.Equal(name, CellSource.Question(code));

    [Fact]
    public void Values_look_like_what_they_are()
    {
        Assert.Equal(["1.5", "true", "text", "null", "(1, a)"], new object?[] { 1.5, true, "text", null, (1, "a") }.Select(Plain));
        Assert.Equal("List<int>(2) { 1, 2 }", Plain(new List<int> { 1, 2 }));
        var rows = ValueFormatter.Format(Enumerable.Range(0, 1_000_000_000).Select(index => new { Name = "<b>" + index, index }));
        Assert.True(rows.TryGet(MimeBundle.Html, out var html));
        Assert.Contains("<td style=\"text-align:left\">&lt;b&gt;0</td><td style=\"text-align:right\">0</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("&lt;b&gt;50<", html, StringComparison.Ordinal);
        Assert.True(ValueFormatter.Format(new Dictionary<string, int> { ["k"] = 1 }).TryGet(MimeBundle.Html, out html));
        Assert.Contains(">k</td>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new[] { 1, 2 }.Select(v => v * 2)", "[2, 4]")]
    [InlineData("Enumerable.Range(0, 5).Where(v => v % 2 == 0)", "[0, 2, 4]")]
    [InlineData("new[] { \"a\", null }.Reverse().OrderBy(v => v)", "[null, \"a\"]")]
    [InlineData("new[] { 1, 2 }.Select(v => new DateOnly(2026, 1, v))", "[01/01/2026, 01/02/2026]")]
    [InlineData("new[] { 1.5m }.Select(v => 'x')", "['x']")]
    [InlineData("new[] { 1 }.Where(v => v > 1)", "[]")]
    [InlineData("Enumerable.Range(1, 2).Select(v => Enumerable.Repeat(v, v))", "[[1], [2, 2]]")]
    [InlineData("new[] { 1, 2 }.Select(v => v * 2).ToArray()", "int[2] { 2, 4 }")]
    [InlineData("new HashSet<int> { 1 }", "HashSet<int>(Count = 1) { 1 }")]
    [InlineData("var read = 0; IEnumerable<int> Once() { if (read++ > 0) throw new Exception(\"again\"); yield return 1; }\nOnce()", "[1]")]
    public void What_a_query_gives_is_listed(string code, string text) => Assert.Equal(text, Plain(new Cells().Value(code)));

    [Fact]
    public void A_sequence_without_end_is_listed_as_far_as_it_is_read()
    {
        var cells = new Cells();
        cells.Value("IEnumerable<int> E() { for (var i = 0; ; i++) yield return i; }\nIEnumerable<object> Self() { while (true) yield return Self(); }");
        var shown = "[" + string.Join(", ", Enumerable.Range(0, 100)) + ", …]";
        Assert.Equal(shown, Plain(cells.Value("E()")));
        Assert.Equal($"[{shown}]", Plain(cells.Value("new List<IEnumerable<int>> { E() }")));
        Assert.StartsWith("[[[[[…], ", Plain(cells.Value("Self()")), StringComparison.Ordinal);
        Assert.Contains("[0, 1, 2", Plain(cells.Value("new[] { new { Name = \"a\", All = E() } }.Select(v => v)")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new[] { 1, 2, 0 }.Select(v => 10 / v)", "DivideByZeroException: ", "   Cell 1, line 1: new[] { 1, 2, 0 }.Select(v => 10 / v)")]
    [InlineData("var texts = new[] { \"1\", \"no\" };\ntexts.Select(int.Parse)", "FormatException: ", "   Cell 1, line 2: texts.Select(int.Parse)")]
    [InlineData("new[] { 1, 0 }.Select(v => new { v, Rate = 10 / v })", "DivideByZeroException: ", "   Cell 1, line 1: new[] { 1, 0 }.Select(v => new { v, Rate = 10 / v })")]
    public void What_a_query_throws_while_it_is_shown_is_the_cells_error(string code, string message, string frame)
    {
        var lines = new Cells().Failure(code, static value => ValueFormatter.Format(value));
        Assert.StartsWith(message, lines[0], StringComparison.Ordinal);
        Assert.Equal([frame], lines.Skip(1));
    }

    [Fact]
    public void Several_pictures_are_shown_one_below_the_other()
    {
        var bundle = ValueFormatter.Format(new[] { NotebookFunctions.SVG("<svg>1</svg>"), NotebookFunctions.HTML("<b>2</b>"), NotebookFunctions.JSON("{\"a\":\"<\"}") });
        Assert.True(bundle.TryGet(MimeBundle.Html, out var html));
        Assert.StartsWith("<div><svg>1</svg></div><div><b>2</b></div><div><pre>{", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"<\"", html, StringComparison.Ordinal);
    }

    private static string? Plain(object? value) => ValueFormatter.Format(value).TryGet(MimeBundle.Text, out var text) ? text : null;

    private sealed class NoHost : INotebookHost
    {
        public CultureInfo Culture { get; set; } = CultureInfo.InvariantCulture;

        public void Display(MimeBundle bundle, string? displayId = null)
        {
        }

        public void Update(MimeBundle bundle, string displayId)
        {
        }

        public Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
