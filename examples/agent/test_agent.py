import unittest

import agent


class RunTests(unittest.TestCase):
    def test_answers_what_it_was_told(self):
        self.assertEqual(agent.run({"input": {"text": "hello"}})["output"], {"text": "You said: hello"})

    def test_names_what_is_wrong_with_a_request(self):
        for request in ([], {}, {"input": "hello"}, {"input": {"text": 1}}):
            with self.subTest(request=request), self.assertRaisesRegex(ValueError, "must be"):
                agent.run(request)


class InfoTests(unittest.TestCase):
    def test_names_the_revision(self):
        self.assertIn("revision_id", agent.info())


if __name__ == "__main__":
    unittest.main()
