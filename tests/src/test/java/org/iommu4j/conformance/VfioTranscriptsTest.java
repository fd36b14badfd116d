package org.iommu4j.conformance;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scripts of VFIO calls that a real kernel ran: the model must answer every line alike. */
final class VfioTranscriptsTest {
  private static Path directory() throws URISyntaxException {
    URL url = VfioTranscriptsTest.class.getResource("/vfio/5.10");
    return Path.of(Objects.requireNonNull(url, "the transcripts lie on the class path").toURI());
  }

  static List<String> transcripts() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".transcript"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void everyLineIsExact(String name) throws IOException, URISyntaxException {
    VfioRecordings.compare(directory().resolve(name), ".tar.gz");
  }
}
