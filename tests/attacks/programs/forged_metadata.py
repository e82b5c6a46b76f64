"""A submission that writes the file from which scorers read how long it took, and how it ended."""

text = "exitCode: 0\nelapsedTime: 0.000001\ningestionExitCode: 0\ningestionElapsedTime: 0.000001\ningestionFailure: it was all their fault\n"
open("/app/output/metadata", "w").write(text)
open("/app/output/answer.txt", "w").write("42")
print(text)
